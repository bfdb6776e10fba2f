package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * PyTorch's {@code Conv2d}: parameters {@code weight} (out, in / groups, height, width) and, with a
 * bias, {@code bias} (out).
 */
public final class Conv2d extends Layer {
  private final Builder shape;
  private final Parameter weight;
  private final Parameter bias;

  private Conv2d(Builder shape, Initializer weights, Initializer biases) {
    this.shape = shape;
    weight =
        parameter(
            "weight",
            Parameter.Type.WEIGHT,
            new Shape(shape.out, shape.in / shape.groups).addAll(shape.kernel),
            weights);
    bias =
        biases == null
            ? null
            : parameter("bias", Parameter.Type.BIAS, new Shape(shape.out), biases);
  }

  /**
   * Begins a convolution with PyTorch's defaults: kernel 1, stride 1, padding 0, dilation 1, one
   * group, with a bias.
   *
   * @param in input channels
   * @param out output channels
   * @return its description
   */
  public static Builder builder(int in, int out) {
    return new Builder(in, out);
  }

  private static Builder same(Builder builder, int kernel, int dilation) {
    return builder.kernel(kernel).padding((kernel - 1) / 2 * dilation).dilation(dilation);
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
    return same(builder(in, out), kernel, dilation)
        .stride(stride)
        .bias(false)
        .build(Init.kaimingNormalFanOut(), null);
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
    return same(builder(channels, channels), kernel, dilation)
        .stride(stride)
        .groups(channels)
        .bias(false)
        .build(Init.kaimingNormalFanOut(), null);
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
    return same(builder(in, out), kernel, dilation).build(weights, biases);
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
                shape.stride,
                shape.padding,
                shape.dilation,
                shape.groups)
            .singletonOrThrow());
  }

  @Override
  public Shape outputShape(Shape input) {
    return new Shape(input.get(0), shape.out, side(0, input.get(2)), side(1, input.get(3)));
  }

  private long side(int i, long input) {
    long covered = shape.dilation.get(i) * (shape.kernel.get(i) - 1) + 1;
    return (input + 2 * shape.padding.get(i) - covered) / shape.stride.get(i) + 1;
  }

  /** The options of PyTorch's {@code Conv2d}. One value stands for both sides. */
  @ProviderType
  public static final class Builder {
    private final int in;
    private final int out;
    private Shape kernel = new Shape(1, 1);
    private Shape stride = new Shape(1, 1);
    private Shape padding = new Shape(0, 0);
    private Shape dilation = new Shape(1, 1);
    private int groups = 1;
    private boolean biased = true;

    private Builder(int in, int out) {
      this.in = in;
      this.out = out;
    }

    /**
     * @param side of a square kernel
     * @return this
     */
    public Builder kernel(int side) {
      return kernel(side, side);
    }

    /**
     * @param height of the kernel
     * @param width of the kernel
     * @return this
     */
    public Builder kernel(int height, int width) {
      kernel = new Shape(height, width);
      return this;
    }

    /**
     * @param both vertical and horizontal stride
     * @return this
     */
    public Builder stride(int both) {
      return stride(both, both);
    }

    /**
     * @param vertical stride
     * @param horizontal stride
     * @return this
     */
    public Builder stride(int vertical, int horizontal) {
      stride = new Shape(vertical, horizontal);
      return this;
    }

    /**
     * @param both zeros on each of the four sides
     * @return this
     */
    public Builder padding(int both) {
      return padding(both, both);
    }

    /**
     * @param vertical zeros above and below
     * @param horizontal zeros on the left and right
     * @return this
     */
    public Builder padding(int vertical, int horizontal) {
      padding = new Shape(vertical, horizontal);
      return this;
    }

    /**
     * @param both vertical and horizontal dilation
     * @return this
     */
    public Builder dilation(int both) {
      return dilation(both, both);
    }

    /**
     * @param vertical dilation
     * @param horizontal dilation
     * @return this
     */
    public Builder dilation(int vertical, int horizontal) {
      dilation = new Shape(vertical, horizontal);
      return this;
    }

    /**
     * @param number of groups of channels; divides the input and output channels
     * @return this
     */
    public Builder groups(int number) {
      groups = number;
      return this;
    }

    /**
     * @param with whether there is a bias
     * @return this
     */
    public Builder bias(boolean with) {
      biased = with;
      return this;
    }

    /**
     * @return the layer, with PyTorch's default initialisation
     * @throws IllegalArgumentException if the groups do not divide the channels, or a kernel,
     *     stride or dilation is less than 1
     */
    public Conv2d build() {
      Initializer uniform = Init.uniformFanIn(Math.toIntExact(in / groups * kernel.size()));
      return build(uniform, biased ? uniform : null);
    }

    private Conv2d build(Initializer weights, Initializer biases) {
      if (groups < 1 || in % groups != 0 || out % groups != 0) {
        throw new IllegalArgumentException(
            groups + " groups do not divide " + in + " input and " + out + " output channels");
      }
      for (int i = 0; i < 2; i++) {
        if (kernel.get(i) < 1 || stride.get(i) < 1 || dilation.get(i) < 1 || padding.get(i) < 0) {
          throw new IllegalArgumentException(
              "a convolution has kernel %s, stride %s, padding %s and dilation %s"
                  .formatted(kernel, stride, padding, dilation));
        }
      }
      return new Conv2d(this, weights, biases);
    }
  }
}
