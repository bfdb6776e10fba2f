package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import java.util.function.Supplier;
import org.osgi.annotation.versioning.ProviderType;

/** Passes the outputs of layers with parameters to a watcher of the current thread. */
public final class LayerOutputs {
  private static final ThreadLocal<Watcher> WATCHER = new ThreadLocal<>();

  private LayerOutputs() {}

  /** Is shown what layers compute. */
  @ProviderType
  @FunctionalInterface
  public interface Watcher {
    /**
     * @param layer a convolution or batch norm
     * @param iteration of the unrolled network, 1 for the first
     * @param output of the layer, (N, C, H, W)
     */
    void computed(Layer layer, int iteration, NDArray output);
  }

  /**
   * @param <T> type of the result
   * @param watcher receives the output (N, C, H, W) of each convolution and batch norm in the order
   *     of execution; null for none
   * @param body the code that runs layers
   * @return the result of the body
   */
  public static <T> T watched(Watcher watcher, Supplier<T> body) {
    Watcher outer = WATCHER.get();
    WATCHER.set(watcher);
    try {
      return body.get();
    } finally {
      if (outer == null) {
        WATCHER.remove();
      } else {
        WATCHER.set(outer);
      }
    }
  }

  static NDArray shown(Layer layer, Context context, NDArray output) {
    Watcher watcher = WATCHER.get();
    if (watcher != null) {
      watcher.computed(layer, context.iteration(), output);
    }
    return output;
  }
}
