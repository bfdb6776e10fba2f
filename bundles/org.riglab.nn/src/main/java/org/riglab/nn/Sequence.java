package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * PyTorch's {@code Sequential}: layers that run one after the other on (N, C, H, W). Their names in
 * the state dict are numbers, {@code 0.weight} and so on.
 */
public final class Sequence extends Layer {
  private final List<Layer> layers;

  /**
   * @param layers in execution order; if empty, the result is the input
   */
  public Sequence(List<? extends Layer> layers) {
    this(0, layers);
  }

  /**
   * Creates a part of a longer sequence with consecutive names.
   *
   * @param first number of the first layer, 0 or more
   * @param layers in execution order
   * @throws IllegalArgumentException if the first number is negative
   */
  public Sequence(int first, List<? extends Layer> layers) {
    if (first < 0) {
      throw new IllegalArgumentException(
          "the number of the first layer is " + first + ", not 0 or more");
    }
    this.layers = List.copyOf(layers);
    for (int i = 0; i < this.layers.size(); i++) {
      addChildBlock(Integer.toString(first + i), this.layers.get(i));
    }
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = x;
    for (Layer layer : layers) {
      y = layer.forward(context, y);
    }
    return y;
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = input;
    for (Layer layer : layers) {
      shape = layer.outputShape(shape);
    }
    return shape;
  }
}
