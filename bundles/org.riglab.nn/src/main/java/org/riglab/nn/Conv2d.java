package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * PyTorch's {@code Conv2d} with a square kernel: parameters {@code weight} (out, in, k, k) and,
 * with a bias, {@code bias} (out).
 */
public final class Conv2d extends Layer {
  private final int out;
  private final int kernel;
  private final int stride;
  private final int padding;
  private final int dilation;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;

  private Conv2d(
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int dilation,
      int groups,
      Initializer weights,
      Initializer biases) {
    this.out = out;
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
    weight =
        parameter(
            "weight", Parameter.Type.WEIGHT, new Shape(out, in / groups, kernel, kernel), weights);
    bias = biases == null ? null : parameter("bias", Parameter.Type.BIAS, new Shape(out), biases);
  }

  /**
   * Creates a convolution without bias, with Kaiming normal weights by fan-out, as in ResNets.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param stride of the output
   * @param dilation of the kernel; the padding keeps the size at stride 1
   * @return the layer
   */
  public static Conv2d withoutBias(int in, int out, int kernel, int stride, int dilation) {
    return new Conv2d(
        in,
        out,
        kernel,
        stride,
        (kernel - 1) / 2 * dilation,
        dilation,
        1,
        Init.kaimingNormalFanOut(),
        null);
  }

  /**
   * Creates a depthwise convolution without bias ({@code groups=channels}): weights (channels, 1,
   * k, k), initialised as those of {@link #withoutBias}.
   *
   * @param channels input and output channels
   * @param kernel side of the kernel
   * @param stride of the output
   * @param dilation of the kernel; the padding keeps the size at stride 1
   * @return the layer
   */
  public static Conv2d depthwise(int channels, int kernel, int stride, int dilation) {
    return new Conv2d(
        channels,
        channels,
        kernel,
        stride,
        (kernel - 1) / 2 * dilation,
        dilation,
        channels,
        Init.kaimingNormalFanOut(),
        null);
  }

  /**
   * Creates a convolution with bias and PyTorch's default initialisation.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param dilation of the kernel; the padding keeps the size
   * @return the layer
   */
  public static Conv2d withBias(int in, int out, int kernel, int dilation) {
    return withBias(in, out, kernel, dilation, Init.uniformFanIn(in * kernel * kernel));
  }

  /**
   * Creates a convolution with bias and PyTorch's default initialisation of the weights.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param dilation of the kernel; the padding keeps the size
   * @param biases initialises the bias
   * @return the layer
   */
  public static Conv2d withBias(int in, int out, int kernel, int dilation, Initializer biases) {
    return withBias(in, out, kernel, dilation, Init.uniformFanIn(in * kernel * kernel), biases);
  }

  /**
   * A convolution with bias.
   *
   * @param in input channels
   * @param out output channels
   * @param kernel side of the kernel
   * @param dilation of the kernel; the padding keeps the size
   * @param weights initialises the weights
   * @param biases initialises the bias
   * @return the layer
   */
  public static Conv2d withBias(
      int in, int out, int kernel, int dilation, Initializer weights, Initializer biases) {
    return new Conv2d(
        in, out, kernel, 1, (kernel - 1) / 2 * dilation, dilation, 1, weights, biases);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    return LayerOutputs.shown(
        this,
        context,
        x.getNDArrayInternal()
            .convolution(
                x,
                context.value(weight, x),
                bias == null ? null : context.value(bias, x),
                new Shape(stride, stride),
                new Shape(padding, padding),
                new Shape(dilation, dilation),
                groups)
            .singletonOrThrow());
  }

  @Override
  public Shape outputShape(Shape input) {
    return new Shape(input.get(0), out, side(input.get(2)), side(input.get(3)));
  }

  private long side(long input) {
    return (input + 2L * padding - (long) dilation * (kernel - 1) - 1) / stride + 1;
  }
}
