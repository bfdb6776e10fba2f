package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * PyTorch's {@code ConvTranspose2d} with square kernels: parameters {@code weight} (in, out /
 * groups, k, k) and, with a bias, {@code bias} (out). It is computed as a convolution of the input
 * with zeros between its pixels, since the engine's own operation is not available.
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
    NDArray spread =
        Resampling.apply(
            x, spread(x, x.getShape().get(2)), spread(x, x.getShape().get(3)).transpose());
    return LayerOutputs.shown(
        this,
        context,
        x.getNDArrayInternal()
            .convolution(
                spread,
                mirrored(context.value(weight, x)),
                bias == null ? null : context.value(bias, x),
                new Shape(1, 1),
                new Shape(0, 0),
                new Shape(dilation, dilation),
                groups)
            .singletonOrThrow());
  }

  /** The weights of the convolution: input and output channels change places, kernels turn. */
  private NDArray mirrored(NDArray value) {
    int area = kernel * kernel;
    float[] turn = new float[area * area];
    for (int i = 0; i < area; i++) {
      turn[i * area + area - 1 - i] = 1;
    }
    int own = in / groups;
    int others = out / groups;
    return value
        .reshape(groups, own, others, area)
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
