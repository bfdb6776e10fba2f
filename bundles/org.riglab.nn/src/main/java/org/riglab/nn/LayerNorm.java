package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/**
 * PyTorch's {@code LayerNorm} over the last axes: parameters {@code weight} and {@code bias} of the
 * shape of these axes. For the channels of (N, C, H, W), transpose to (N, H, W, C) and back.
 */
public final class LayerNorm extends Layer {
  private static final double EPSILON = 1e-5;

  private final Shape normalized;
  private final float epsilon;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Creates a layer with PyTorch's default eps, 1e-5.
   *
   * @param normalized the last axes of the input
   */
  public LayerNorm(Shape normalized) {
    this(normalized, EPSILON);
  }

  /**
   * @param normalized the last axes of the input
   * @param eps is added to the variance
   */
  public LayerNorm(Shape normalized, double eps) {
    this.normalized = normalized;
    this.epsilon = (float) eps;
    weight = parameter("weight", Parameter.Type.GAMMA, normalized, Initializer.ONES);
    bias = parameter("bias", Parameter.Type.BETA, normalized, Initializer.ZEROS);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    return x.getNDArrayInternal()
        .layerNorm(x, normalized, context.value(weight, x), context.value(bias, x), epsilon)
        .singletonOrThrow();
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
