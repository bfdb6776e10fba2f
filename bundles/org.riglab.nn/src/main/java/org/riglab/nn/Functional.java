package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Functions on (N, C, H, W) arrays, named as in PyTorch. */
public final class Functional {
  private static final int BILINEAR = 1;

  private Functional() {}

  /**
   * @param x any shape
   * @return max(x, 0)
   */
  public static NDArray relu(NDArray x) {
    return x.getNDArrayInternal().relu();
  }

  /**
   * @param x any shape
   * @return 1 / (1 + exp(-x))
   */
  public static NDArray sigmoid(NDArray x) {
    return x.getNDArrayInternal().sigmoid();
  }

  /**
   * @param x (N, C, H, W)
   * @param kernel side of the window
   * @param stride of the output
   * @param padding by minus infinity on each side
   * @param ceilMode whether a window may hang over the edge
   * @return the maximum of each window
   */
  public static NDArray maxPool2d(
      NDArray x, int kernel, int stride, int padding, boolean ceilMode) {
    return x.getNDArrayInternal()
        .maxPool(square(kernel), square(stride), square(padding), ceilMode);
  }

  /**
   * @param x (N, C, H, W)
   * @param kernel side of the window
   * @param stride of the output
   * @param ceilMode whether a window may hang over the edge; what hangs over does not count
   * @return the mean of each window
   */
  public static NDArray avgPool2d(NDArray x, int kernel, int stride, boolean ceilMode) {
    return x.getNDArrayInternal()
        .avgPool(square(kernel), square(stride), square(0), ceilMode, true);
  }

  /**
   * Resizes with half-pixel centres ({@code interpolate(mode='bilinear', align_corners=False)}).
   * Both sides must grow or stay.
   *
   * @param x (N, C, H, W)
   * @param height of the result, H or more
   * @param width of the result, W or more
   * @return (N, C, height, width); x itself if it has that size
   * @throws IllegalArgumentException if a side would shrink: the engine then smooths, which
   *     PyTorch's default does not
   */
  public static NDArray interpolate(NDArray x, long height, long width) {
    Shape shape = x.getShape();
    if (shape.get(2) == height && shape.get(3) == width) {
      return x;
    }
    if (shape.get(2) > height || shape.get(3) > width) {
      throw new IllegalArgumentException(
          "bilinear resize from " + shape + " to " + height + "x" + width + " would shrink");
    }
    return x.getNDArrayInternal().interpolation(new long[] {height, width}, BILINEAR, false);
  }

  private static Shape square(int side) {
    return new Shape(side, side);
  }
}
