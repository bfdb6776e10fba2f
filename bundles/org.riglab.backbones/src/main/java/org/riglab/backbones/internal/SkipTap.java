package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.riglab.nn.Context;
import org.riglab.nn.Layer;

/**
 * A layer whose output also goes to the end of what is carried along, for a later block: {@code (x,
 * carried...)} to {@code (y, carried..., y)}. A gate behind it changes the feature, not the kept
 * one.
 */
final class SkipTap extends Layer {
  private final Layer layer;

  /**
   * @param name of the layer in parameter names
   * @param layer what to run
   */
  SkipTap(String name, Layer layer) {
    this.layer = addChildBlock(name, layer);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    return layer.forward(context, x);
  }

  @Override
  public NDList forward(Context context, NDList inputs) {
    NDList result = super.forward(context, inputs);
    result.add(result.head());
    return result;
  }

  @Override
  public Shape outputShape(Shape input) {
    return layer.outputShape(input);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] shapes = super.getOutputShapes(inputs);
    Shape[] result = Arrays.copyOf(shapes, shapes.length + 1);
    result[shapes.length] = shapes[0];
    return result;
  }
}
