package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Additional operations of arrays that record operations instead of computing them: operations that
 * the native library provides as a whole. Implemented by the invocation handler of such arrays,
 * which are proxies.
 */
@ProviderType
public interface RecordedArray {
  /**
   * @param array any array
   * @return its additional operations; empty for an array with values
   */
  static Optional<RecordedArray> of(NDArray array) {
    return Proxy.isProxyClass(array.getClass())
            && Proxy.getInvocationHandler(array) instanceof RecordedArray recorded
        ? Optional.of(recorded)
        : Optional.empty();
  }

  /**
   * Records {@code torch.nn.functional.cross_entropy(reduction='sum')} of this array, which
   * contains logits (N, C, H, W).
   *
   * @param label (N, H, W), int64
   * @param weights per class, (C), float32
   * @param ignored label of pixels that are ignored
   * @return a scalar
   */
  default NDArray crossEntropy(NDArray label, NDArray weights, int ignored) {
    return crossEntropy(label, weights, ignored, 0);
  }

  /**
   * Records {@code torch.nn.functional.cross_entropy(reduction='sum')} with label smoothing.
   *
   * @param label (N, H, W), int64
   * @param weights per class, (C), float32
   * @param ignored label of pixels that are ignored
   * @param smoothing 0 to less than 1
   * @return a scalar
   */
  NDArray crossEntropy(NDArray label, NDArray weights, int ignored, double smoothing);
}
