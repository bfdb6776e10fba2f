package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;

/** Functions on (N, C, H, W) arrays, named as in PyTorch. */
public final class Functional {
  private static final int BILINEAR = 1;
  private static final ThreadLocal<Boolean> ANY_SIZE = ThreadLocal.withInitial(() -> false);

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
   * @param ceilMode whether a window may extend beyond the edge
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
   * @param ceilMode whether a window may extend beyond the edge; values beyond the edge are not
   *     included in the mean
   * @return the mean of each window
   */
  public static NDArray avgPool2d(NDArray x, int kernel, int stride, boolean ceilMode) {
    return x.getNDArrayInternal()
        .avgPool(square(kernel), square(stride), square(0), ceilMode, true);
  }

  /**
   * PyTorch's {@code AdaptiveAvgPool2d(1)}.
   *
   * @param x (N, C, H, W)
   * @return the mean of each channel, (N, C, 1, 1)
   */
  public static NDArray globalAvgPool2d(NDArray x) {
    return x.mean(new int[] {2}, true).mean(new int[] {3}, true);
  }

  /**
   * Resizes with half-pixel centres ({@code interpolate(mode='bilinear', align_corners=False)}),
   * without antialiasing.
   *
   * @param x (N, C, H, W)
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return (N, C, height, width); x itself if it has that size
   * @throws IllegalArgumentException if a side of the result would be less than 1
   */
  public static NDArray interpolate(NDArray x, long height, long width) {
    Shape shape = x.getShape();
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "bilinear resize from " + shape + " to " + height + "x" + width);
    }
    if (ANY_SIZE.get()) {
      return x.getNDArrayInternal().interpolation(new long[] {height, width}, BILINEAR, false);
    }
    if (shape.get(2) == height && shape.get(3) == width) {
      return x;
    }
    // The engine smooths what it shrinks, and its kernel returns wrong numbers for a single column:
    // there the result is one matrix product per side.
    if (shape.get(2) <= height && shape.get(3) <= width && width > 1) {
      return x.getNDArrayInternal().interpolation(new long[] {height, width}, BILINEAR, false);
    }
    return interpolateByProducts(x, height, width);
  }

  /**
   * As {@link #interpolate}, by one matrix product per side. Gradients are added in the same order
   * in every run, also on GPUs.
   *
   * @param x (N, C, H, W)
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return (N, C, height, width); x itself if it has that size
   */
  public static NDArray interpolateByProducts(NDArray x, long height, long width) {
    Shape shape = x.getShape();
    NDArray y = shape.get(2) == height ? x : resampling(x, shape.get(2), height).matMul(x);
    return shape.get(3) == width ? y : y.matMul(resampling(x, shape.get(3), width).transpose());
  }

  /**
   * Resizes to the height and width of another array, as {@link #interpolate(NDArray, long, long)}.
   *
   * @param x (N, C, H, W)
   * @param like (N, C', H', W')
   * @return (N, C, H', W'); x itself if it has that size
   */
  public static NDArray interpolate(NDArray x, NDArray like) {
    return interpolate(x, like.getShape().get(2), like.getShape().get(3));
  }

  /**
   * Records a pass for images of any size: each {@link #interpolate} in it is recorded as one
   * operation, independently of the sizes. Not applicable to arrays with values.
   *
   * @param <T> type of the result
   * @param pass the pass; runs on the calling thread
   * @return its result
   */
  public static <T> T anySize(Supplier<T> pass) {
    boolean before = ANY_SIZE.get();
    ANY_SIZE.set(true);
    try {
      return pass.get();
    } finally {
      ANY_SIZE.set(before);
    }
  }

  /** The matrix of linear interpolation along one side, (to, from). */
  private static NDArray resampling(NDArray like, long from, long to) {
    int columns = Math.toIntExact(from);
    float[] matrix = new float[Math.toIntExact(to * from)];
    for (int i = 0; i < to; i++) {
      double centre = Math.max((i + 0.5) * from / to - 0.5, 0);
      int left = (int) centre;
      int right = Math.min(left + 1, columns - 1);
      double weight = centre - left;
      matrix[i * columns + left] += (float) (1 - weight);
      matrix[i * columns + right] += (float) weight;
    }
    return like.getManager().create(matrix, new Shape(to, from)).toType(like.getDataType(), false);
  }

  /**
   * Multiplies by a number. Use this method instead of {@code NDArray.mul(Number)} and {@code
   * div(Number)} if gradients are computed: these close the array of the number at once. Its memory
   * is a Java buffer, which the next garbage collection frees, but the backward pass reads it. A
   * collection between the passes makes the gradient wrong, by any factor.
   *
   * @param x any shape
   * @param factor a number
   * @return x times the factor
   */
  public static NDArray times(NDArray x, double factor) {
    return x.mul(x.getManager().create((float) factor));
  }

  private static Shape square(int side) {
    return new Shape(side, side);
  }
}
