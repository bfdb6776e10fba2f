package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Shows what layers with parameters compute to whoever watches on the current thread. */
public final class LayerOutputs {
  private static final ThreadLocal<BiConsumer<Layer, NDArray>> WATCHER = new ThreadLocal<>();

  private LayerOutputs() {}

  /**
   * @param <T> of the result
   * @param watcher is shown each convolution's and batch norm's output (N, C, H, W), in the order
   *     of execution; null for nobody
   * @param body runs layers
   * @return what the body returns
   */
  public static <T> T watched(BiConsumer<Layer, NDArray> watcher, Supplier<T> body) {
    BiConsumer<Layer, NDArray> outer = WATCHER.get();
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

  static NDArray shown(Layer layer, NDArray output) {
    BiConsumer<Layer, NDArray> watcher = WATCHER.get();
    if (watcher != null) {
      watcher.accept(layer, output);
    }
    return output;
  }
}
