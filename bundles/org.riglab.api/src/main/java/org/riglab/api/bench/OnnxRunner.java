package org.riglab.api.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** Runs networks that were exported to ONNX, on the CPU and in float32. Thread safe. */
@ProviderType
public interface OnnxRunner {
  /**
   * Loads a model.
   *
   * @param file as written by an {@link Exporter}; not accessed after this call
   * @param threads number of threads
   * @return the model, in native memory; to be closed by the caller
   * @throws org.riglab.api.RigException if it cannot be read or is not a model; the message names
   *     the file
   */
  Model load(Path file, int threads);

  /** A loaded model. Thread safe. */
  @ProviderType
  interface Model extends AutoCloseable {
    /**
     * Runs a pass.
     *
     * @param image (N, 3, H, W), float32
     * @return the model's outputs in their order, attached to the image's manager
     * @throws org.riglab.api.RigException if the model fails, for example on images too small for
     *     it
     */
    NDList run(NDArray image);

    /** Frees the model. */
    @Override
    void close();
  }
}
