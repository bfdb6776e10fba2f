package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.ConstantInitializer;

/** PyTorch's {@code PReLU}: max(x, 0) + weight min(x, 0), parameter {@code weight} (C) or (1). */
public final class PReLU extends Layer {
  private static final float INITIAL = 0.25f;

  private final int slopes;
  private final Parameter weight;

  /**
   * @param slopes C for a slope per channel, or 1
   */
  public PReLU(int slopes) {
    this.slopes = slopes;
    weight =
        parameter(
            "weight", Parameter.Type.WEIGHT, new Shape(slopes), new ConstantInitializer(INITIAL));
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray slope = context.value(weight, x, 1, slopes, 1, 1);
    return Functional.relu(x).sub(Functional.relu(x.neg()).mul(slope));
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
