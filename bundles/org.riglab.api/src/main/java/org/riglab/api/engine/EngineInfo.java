package org.riglab.api.engine;

import java.util.List;

/**
 * Which native engine a process uses.
 *
 * @param build what it was built for
 * @param version of PyTorch, for example 2.7.1
 * @param cuda version of CUDA that it was built with, for example 12.6; empty for the CPU
 * @param source where it comes from, in words
 * @param directory folder of libtorch; empty where it is inside the distribution's bundles
 * @param architectures that its GPU code was made for; empty for the CPU, or where nothing is known
 */
public record EngineInfo(
    Build build,
    String version,
    String cuda,
    String source,
    String directory,
    List<ComputeCapability> architectures) {
  /** What an engine is built for. */
  public enum Build {
    /** The CPU only. */
    CPU,
    /** The CPU and NVIDIA GPUs. */
    CUDA
  }
}
