package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

/**
 * PyTorch's {@code Dropout}: in training, sets values to 0 with a probability, and divides the
 * others by 1 minus that.
 */
public final class Dropout extends Layer {
  private final ai.djl.nn.norm.Dropout dropout;

  /**
   * @param probability of a value to be set to 0, from 0 to less than 1
   */
  public Dropout(double probability) {
    dropout =
        addChildBlock(
            "dropout", ai.djl.nn.norm.Dropout.builder().optRate((float) probability).build());
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    return context.forward(dropout, new NDList(x)).singletonOrThrow();
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }
}
