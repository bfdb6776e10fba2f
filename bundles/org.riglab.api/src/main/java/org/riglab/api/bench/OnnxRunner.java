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
   * @param file as an {@link Exporter} writes it; not read any more afterwards
   * @param threads that compute
   * @return the model; its memory is native
   * @throws org.riglab.api.RigException if it cannot be read or is no model; names the file
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
