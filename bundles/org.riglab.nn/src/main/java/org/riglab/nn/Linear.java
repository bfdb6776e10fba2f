package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * PyTorch's {@code Linear} along the last axis: parameters {@code weight} (out, in) and, with a
 * bias, {@code bias} (out).
 */
public final class Linear extends Layer {
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * @param in features of the input
   * @param out features of the output
   * @param biased whether there is a bias
   */
  public Linear(int in, int out, boolean biased) {
    this.out = out;
    Initializer uniform = Init.uniformFanIn(in);
    weight = parameter("weight", Parameter.Type.WEIGHT, new Shape(out, in), uniform);
    bias = biased ? parameter("bias", Parameter.Type.BIAS, new Shape(out), uniform) : null;
  }

  /**
   * @param x (..., in)
   * @return (..., out)
   */
  @Override
  public NDArray forward(Context context, NDArray x) {
    return x.getNDArrayInternal()
        .linear(x, context.value(weight, x), bias == null ? null : context.value(bias, x))
        .singletonOrThrow();
  }

  @Override
  public Shape outputShape(Shape input) {
    return input.slice(0, input.dimension() - 1).add(out);
  }
}
