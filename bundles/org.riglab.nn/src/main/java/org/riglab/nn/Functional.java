package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;

/** Functions on (N, C, H, W) arrays, named as in PyTorch. */
public final class Functional {
  private static final int NEAREST = 0;
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
   * @param x any shape
   * @return x times the normal distribution function of x, as PyTorch's {@code gelu} without
   *     approximation
   */
  public static NDArray gelu(NDArray x) {
    return x.getNDArrayInternal().gelu();
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
   * PyTorch's {@code max_pool2d} with a rectangular window.
   *
   * @param x (N, C, H, W)
   * @param kernel height and width of the window
   * @param stride vertical and horizontal
   * @param padding by minus infinity, vertical and horizontal
   * @param ceilMode whether a window may extend beyond the edge
   * @return the maximum of each window
   */
  public static NDArray maxPool2d(
      NDArray x, Shape kernel, Shape stride, Shape padding, boolean ceilMode) {
    return x.getNDArrayInternal().maxPool(kernel, stride, padding, ceilMode);
  }

  /**
   * PyTorch's {@code avg_pool2d}.
   *
   * @param x (N, C, H, W)
   * @param kernel height and width of the window
   * @param stride vertical and horizontal
   * @param padding by zeros, vertical and horizontal
   * @param ceilMode whether a window may extend beyond the edge
   * @param countIncludePad whether zeros of the padding count in the mean; PyTorch's default is
   *     true
   * @return the mean of each window
   */
  public static NDArray avgPool2d(
      NDArray x,
      Shape kernel,
      Shape stride,
      Shape padding,
      boolean ceilMode,
      boolean countIncludePad) {
    if (countIncludePad || padding.equals(new Shape(0, 0)) || RecordedArray.of(x).isPresent()) {
      return x.getNDArrayInternal().avgPool(kernel, stride, padding, ceilMode, countIncludePad);
    }
    // DJL does not pass the flag on to the engine: the mean over all is divided by the share
    // inside.
    NDArray all = x.getNDArrayInternal().avgPool(kernel, stride, padding, ceilMode, true);
    for (int axis = 2; axis < 4; axis++) {
      long[] sides = {1, 1, 1, 1};
      sides[axis] = all.getShape().get(axis);
      float[] factors =
          ofInside(
              x.getShape().get(axis),
              all.getShape().get(axis),
              kernel.get(axis - 2),
              stride.get(axis - 2),
              padding.get(axis - 2));
      all =
          all.mul(x.getManager().create(factors, new Shape(sides)).toType(x.getDataType(), false));
    }
    return all;
  }

  /** Pixels in each window along one side, over those that are in the image. */
  private static float[] ofInside(long side, long windows, long kernel, long stride, long padding) {
    float[] factors = new float[Math.toIntExact(windows)];
    for (int i = 0; i < windows; i++) {
      long begin = i * stride - padding;
      long end = Math.min(begin + kernel, side + padding);
      factors[i] = (float) (end - begin) / (Math.min(end, side) - Math.max(begin, 0));
    }
    return factors;
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
    NDArray y = shape.get(2) == height ? x : halfPixel(x, shape.get(2), height).matMul(x);
    return shape.get(3) == width ? y : y.matMul(halfPixel(x, shape.get(3), width).transpose());
  }

  private static NDArray halfPixel(NDArray like, long from, long to) {
    return Resampling.linear(like, from, to, i -> (i + 0.5) * from / to - 0.5);
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

  /**
   * {@code interpolate(mode='nearest')}: takes the pixel at {@code floor(i * H / height)}.
   *
   * @param x (N, C, H, W)
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return (N, C, height, width)
   */
  public static NDArray interpolateNearest(NDArray x, long height, long width) {
    if (ANY_SIZE.get()) {
      return x.getNDArrayInternal().interpolation(new long[] {height, width}, NEAREST, false);
    }
    Shape shape = x.getShape();
    return Resampling.apply(
        x,
        Resampling.nearest(x, shape.get(2), height),
        Resampling.nearest(x, shape.get(3), width).transpose());
  }

  /**
   * {@code interpolate(mode='bilinear', align_corners=True)}: the corner pixels keep their places.
   * The graph of a network depends on the size of the image.
   *
   * @param x (N, C, H, W)
   * @param height of the result, 1 or more
   * @param width of the result, 1 or more
   * @return (N, C, height, width)
   */
  public static NDArray interpolateAlignCorners(NDArray x, long height, long width) {
    Shape shape = x.getShape();
    return Resampling.apply(
        x,
        Resampling.linear(x, shape.get(2), height, corners(shape.get(2), height)),
        Resampling.linear(x, shape.get(3), width, corners(shape.get(3), width)).transpose());
  }

  private static Resampling.Position corners(long from, long to) {
    return i -> to == 1 ? 0 : (double) i * (from - 1) / (to - 1);
  }

  /**
   * PyTorch's {@code PixelShuffle}: channels become pixels.
   *
   * @param x (N, C r^2, H, W)
   * @param factor r, 1 or more
   * @return (N, C, H r, W r)
   * @throws IllegalArgumentException if r^2 does not divide the channels
   */
  public static NDArray pixelShuffle(NDArray x, int factor) {
    Shape shape = x.getShape();
    long square = (long) factor * factor;
    if (factor < 1 || shape.get(1) % square != 0) {
      throw new IllegalArgumentException(
          "pixel shuffle by " + factor + " of " + shape.get(1) + " channels");
    }
    long channels = shape.get(1) / square;
    return x.reshape(shape.get(0), channels, factor, factor, shape.get(2), shape.get(3))
        .transpose(0, 1, 4, 2, 5, 3)
        .reshape(shape.get(0), channels, shape.get(2) * factor, shape.get(3) * factor);
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
