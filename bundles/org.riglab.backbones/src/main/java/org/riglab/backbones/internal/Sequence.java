package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.riglab.nn.Layer;

/** Layers that run one after the other, named 0, 1, ... as in PyTorch. */
final class Sequence extends Layer {
  private final List<? extends Layer> layers;

  Sequence(List<? extends Layer> layers) {
    this.layers = layers;
    for (int i = 0; i < layers.size(); i++) {
      addChildBlock(Integer.toString(i), layers.get(i));
    }
  }

  @Override
  public NDArray forward(ParameterStore store, NDArray x, boolean training) {
    NDArray y = x;
    for (Layer layer : layers) {
      y = layer.forward(store, y, training);
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
