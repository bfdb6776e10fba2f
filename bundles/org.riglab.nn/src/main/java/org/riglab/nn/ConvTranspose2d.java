package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * PyTorch's {@code ConvTranspose2d} with square kernels: parameters {@code weight} (in, out /
 * groups, k, k) and, with a bias, {@code bias} (out). It is computed by convolutions, since the
 * engine's own operation is not available.
 */
public final class ConvTranspose2d extends Layer {
  private final int in;
  private final int out;
  private final int kernel;
  private final int stride;
  private final int padding;
  private final int outputPadding;
  private final int dilation;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Creates a layer with one group, without dilation, with a bias.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param stride enlargement
   * @param padding pixels that are cut off on each side
   * @param outputPadding pixels that are added at the bottom and on the right; less than the stride
   */
  public ConvTranspose2d(int in, int out, int kernel, int stride, int padding, int outputPadding) {
    this(in, out, kernel, stride, padding, outputPadding, 1, 1, true);
  }

  /**
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param stride enlargement
   * @param padding pixels that are cut off on each side
   * @param outputPadding pixels that are added at the bottom and on the right; less than the stride
   *     or the dilation
   * @param groups of channels; divides the input and output channels
   * @param dilation of the kernel
   * @param biased whether there is a bias
   * @throws IllegalArgumentException if a value is out of range
   */
  public ConvTranspose2d(
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int outputPadding,
      int groups,
      int dilation,
      boolean biased) {
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          groups + " groups do not divide " + in + " input and " + out + " output channels");
    }
    if (kernel < 1 || stride < 1 || dilation < 1 || padding < 0 || outputPadding < 0) {
      throw new IllegalArgumentException(
          "a transposed convolution has kernel %d, stride %d, dilation %d, padding %d and %d"
              .formatted(kernel, stride, dilation, padding, outputPadding));
    }
    if (outputPadding >= Math.max(stride, dilation)) {
      throw new IllegalArgumentException(
          "output padding %d is not less than stride %d or dilation %d"
              .formatted(outputPadding, stride, dilation));
    }
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
    this.outputPadding = outputPadding;
    this.dilation = dilation;
    this.groups = groups;
    Initializer uniform = Init.uniformFanIn(out / groups * kernel * kernel);
    weight =
        parameter(
            "weight", Parameter.Type.WEIGHT, new Shape(in, out / groups, kernel, kernel), uniform);
    bias = biased ? parameter("bias", Parameter.Type.BIAS, new Shape(out), uniform) : null;
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    boolean interleaves = dilation == 1 && outputPadding <= padding;
    return LayerOutputs.shown(
        this, context, interleaves ? interleaved(context, x) : spread(context, x));
  }

  /**
   * As a convolution of the input with stride * stride times as many output channels, one for each
   * position of an output pixel within the stride, and a pixel shuffle (Shi et al., 2016, Is the
   * deconvolution layer the same as a convolutional layer?).
   */
  private NDArray interleaved(Context context, NDArray x) {
    int taps = (kernel + stride - 1) / stride;
    NDArray parts =
        convolution(x, byPosition(grouped(context, x), taps), null, taps - 1).singletonOrThrow();
    NDArray y = Functional.pixelShuffle(parts, stride);
    long rows = side(x.getShape().get(2));
    long columns = side(x.getShape().get(3));
    if (y.getShape().get(2) != rows || y.getShape().get(3) != columns) {
      y =
          y.get(
              new NDIndex(
                  ":, :, {}:{}, {}:{}", padding, padding + rows, padding, padding + columns));
    }
    return bias == null ? y : y.add(context.value(bias, x, 1, out, 1, 1));
  }

  /** The weights as (groups, in / groups, out / groups, k * k). */
  private NDArray grouped(Context context, NDArray x) {
    return context.value(weight, x, groups, in / groups, out / groups, (long) kernel * kernel);
  }

  /**
   * Sorts the weights by the position that they contribute to.
   *
   * @param value the grouped weights
   * @param taps weights per position and direction, padded with zeros
   * @return weights of a convolution, (out * stride * stride, in / groups, taps, taps)
   */
  private NDArray byPosition(NDArray value, int taps) {
    int area = kernel * kernel;
    int columns = stride * stride * taps * taps;
    float[] place = new float[area * columns];
    for (int y = 0; y < kernel; y++) {
      for (int x = 0; x < kernel; x++) {
        int position = y % stride * stride + x % stride;
        int tap = (taps - 1 - y / stride) * taps + taps - 1 - x / stride;
        place[(y * kernel + x) * columns + position * taps * taps + tap] = 1;
      }
    }
    long outputs = (long) out / groups * stride * stride;
    return value
        .matMul(Resampling.matrix(value, place, area, columns))
        .reshape(groups, in / groups, outputs, (long) taps * taps)
        .transpose(0, 2, 1, 3)
        .reshape(groups * outputs, in / groups, taps, taps);
  }

  private NDList convolution(NDArray x, NDArray weights, NDArray biases, int pad) {
    return x.getNDArrayInternal()
        .convolution(
            x,
            weights,
            biases,
            new Shape(1, 1),
            new Shape(pad, pad),
            new Shape(dilation, dilation),
            groups);
  }

  /** As a convolution of the input with zeros between and around its pixels. */
  private NDArray spread(Context context, NDArray x) {
    NDArray spread =
        Resampling.apply(
            x, spread(x, x.getShape().get(2)), spread(x, x.getShape().get(3)).transpose());
    return convolution(
            spread, mirrored(grouped(context, x)), bias == null ? null : context.value(bias, x), 0)
        .singletonOrThrow();
  }

  /** The grouped weights as a convolution's: in and out change places, kernels turn. */
  private NDArray mirrored(NDArray value) {
    int area = kernel * kernel;
    float[] turn = new float[area * area];
    for (int i = 0; i < area; i++) {
      turn[i * area + area - 1 - i] = 1;
    }
    int own = in / groups;
    return value
        .transpose(0, 2, 1, 3)
        .reshape((long) out * own, area)
        .matMul(Resampling.matrix(value, turn, area, area))
        .reshape(out, own, kernel, kernel);
  }

  /** Puts pixels the stride apart, with zeros between and around them. */
  private NDArray spread(NDArray like, long side) {
    long rows = side(side) + (long) dilation * (kernel - 1);
    long first = (long) dilation * (kernel - 1) - padding;
    float[] matrix = new float[Math.toIntExact(rows * side)];
    for (int i = 0; i < side; i++) {
      long row = first + (long) i * stride;
      if (row >= 0 && row < rows) {
        matrix[Math.toIntExact(row * side + i)] = 1;
      }
    }
    return Resampling.matrix(like, matrix, rows, side);
  }

  @Override
  public Shape outputShape(Shape input) {
    return new Shape(input.get(0), out, side(input.get(2)), side(input.get(3)));
  }

  private long side(long input) {
    return (input - 1) * stride - 2L * padding + (long) dilation * (kernel - 1) + outputPadding + 1;
  }
}
