package org.riglab.api.engine;

import java.util.List;

/**
 * The native engine of a process.
 *
 * @param build devices that it was built for
 * @param version of PyTorch, for example 2.7.1
 * @param cuda version of CUDA that it was built with, for example 12.6; empty for the CPU
 * @param source its origin, as text
 * @param directory folder of libtorch; empty if it is part of the distribution's bundles
 * @param architectures that its GPU code was compiled for; empty for the CPU, or if unknown
 */
public record EngineInfo(
    Build build,
    String version,
    String cuda,
    String source,
    String directory,
    List<ComputeCapability> architectures) {
  /** The devices that an engine is built for. */
  public enum Build {
    /** The CPU only. */
    CPU,
    /** The CPU and NVIDIA GPUs. */
    CUDA
  }
}
