package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/** PyTorch's {@code GroupNorm}: parameters {@code weight} and {@code bias}, both (C). */
public final class GroupNorm extends Layer {
  private static final double EPSILON = 1e-5;

  private final int groups;
  private final int channels;
  private final double epsilon;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Creates a layer with PyTorch's default eps, 1e-5.
   *
   * @param groups of channels
   * @param channels C
   */
  public GroupNorm(int groups, int channels) {
    this(groups, channels, EPSILON);
  }

  /**
   * @param groups of channels
   * @param channels C
   * @param eps is added to the variance
   * @throws IllegalArgumentException if the groups do not divide the channels
   */
  public GroupNorm(int groups, int channels, double eps) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          groups + " groups do not divide " + channels + " channels");
    }
    this.groups = groups;
    this.channels = channels;
    this.epsilon = eps;
    Shape shape = new Shape(channels);
    weight = parameter("weight", Parameter.Type.GAMMA, shape, Initializer.ONES);
    bias = parameter("bias", Parameter.Type.BETA, shape, Initializer.ZEROS);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    Shape shape = x.getShape();
    long each = channels / groups * shape.get(2) * shape.get(3);
    NDArray grouped = x.reshape(shape.get(0), groups, each);
    NDArray centred = grouped.sub(grouped.mean(new int[] {2}, true));
    NDArray variance = centred.mul(centred).mean(new int[] {2}, true);
    NDArray normal = centred.div(variance.add(epsilon).sqrt()).reshape(shape);
    return normal
        .mul(context.value(weight, x, 1, channels, 1, 1))
        .add(context.value(bias, x, 1, channels, 1, 1));
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
