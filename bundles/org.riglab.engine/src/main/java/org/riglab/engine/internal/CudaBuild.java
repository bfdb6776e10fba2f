package org.riglab.engine.internal;

import java.util.List;
import java.util.Set;

/**
 * A CUDA build of libtorch in Maven repositories: which files of which artifacts belong to it.
 *
 * @param cuda version of CUDA that libtorch was built with
 * @param artifacts where the files are
 */
record CudaBuild(String cuda, List<Artifact> artifacts) {
  /** Version of PyTorch that DJL's JNI library was built against: no other one works. */
  static final String TORCH = "2.7.1";

  /** DJL's name for its JNI library for CUDA 12. It links no library of CUDA itself. */
  static final String FLAVOR = "cu128";

  private static final String PRESETS = "org/bytedeco/cuda/linux-x86_64/";

  /**
   * Bytedeco's. It was compiled with CUDA 12.9 and cuDNN 9.10, of which only a part is in Maven
   * Central. cuBLAS, cuDNN, cuSPARSE and cuSOLVER are those of CUDA 12.6 and cuDNN 9.5: they have
   * every symbol that libtorch needs, and keep the binary interface within a major version.
   */
  static final CudaBuild PINNED =
      new CudaBuild(
          "12.9",
          List.of(
              new Artifact(
                  "org.bytedeco",
                  "pytorch",
                  "2.7.1-1.5.12",
                  "linux-x86_64-gpu",
                  615_519_857,
                  "ae03b1a186d512e46c89b5de7f7b3ff6dc7fcaee5efb042491655d9f38437293",
                  "org/bytedeco/pytorch/linux-x86_64-gpu/",
                  Set.of(
                      "libc10.so",
                      "libc10_cuda.so",
                      "libgomp.so.1",
                      "libtorch.so",
                      "libtorch_cpu.so",
                      "libtorch_cuda.so",
                      "libtorch_cuda_linalg.so")),
              new Artifact(
                  "org.bytedeco",
                  "openblas",
                  "0.3.30-1.5.12",
                  "linux-x86_64",
                  19_709_636,
                  "d7a602fc3d3254fb51b7f75595f4cce0c0ef0799d8874c6efd3d8b45e4c4083a",
                  "org/bytedeco/openblas/linux-x86_64/",
                  Set.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0")),
              new Artifact(
                  "org.bytedeco",
                  "cuda-redist",
                  "12.9-9.10-1.5.12",
                  "linux-x86_64",
                  362_212_464,
                  "1a6ec3603adc1a0e383d6a7286f5dec69ae929a16ec3548db29ea3a0d2358eca",
                  PRESETS,
                  Set.of(
                      "libcudart.so.12",
                      "libcufft.so.11",
                      "libcufile.so.0",
                      "libcupti.so.12",
                      "libcurand.so.10",
                      "libnvJitLink.so.12",
                      "libnvrtc-builtins.so.12.9",
                      "libnvrtc.so.12")),
              new Artifact(
                  "org.bytedeco",
                  "cuda",
                  "12.6-9.5-1.5.11",
                  "linux-x86_64-redist",
                  2_026_748_503,
                  "b9130f92e121c5ae39d93083b2db5305af3b53bab1ef232463e281593ebb74d0",
                  PRESETS,
                  Set.of(
                      "libcublas.so.12",
                      "libcublasLt.so.12",
                      "libcudnn.so.9",
                      "libcudnn_adv.so.9",
                      "libcudnn_cnn.so.9",
                      "libcudnn_engines_precompiled.so.9",
                      "libcudnn_engines_runtime_compiled.so.9",
                      "libcudnn_graph.so.9",
                      "libcudnn_heuristic.so.9",
                      "libcudnn_ops.so.9",
                      "libcusolver.so.11",
                      "libcusparse.so.12"))));

  /**
   * A jar with native libraries.
   *
   * @param group of its coordinate
   * @param name of its coordinate
   * @param version of its coordinate
   * @param classifier of its coordinate; empty for none
   * @param bytes size of the jar
   * @param sha256 digest of the jar, hexadecimal
   * @param folder where the libraries are in the jar, with a slash at the end
   * @param files what is needed of them
   */
  record Artifact(
      String group,
      String name,
      String version,
      String classifier,
      long bytes,
      String sha256,
      String folder,
      Set<String> files) {
    /** {@code group:name:version:classifier}, without an empty classifier. */
    String coordinate() {
      return String.join(":", group, name, version)
          + (classifier.isEmpty() ? "" : ":" + classifier);
    }

    /** File name in a repository. */
    String jar() {
      return name + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }

    /** Path in a repository. */
    String path() {
      return String.join("/", group.replace('.', '/'), name, version, jar());
    }
  }

  /** Bytes of all jars. */
  long bytes() {
    return artifacts.stream().mapToLong(Artifact::bytes).sum();
  }

  /** What the folder of the unpacked files is called. */
  String folder() {
    return "libtorch-" + TORCH + "-" + FLAVOR;
  }
}
