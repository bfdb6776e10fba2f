package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A block with one input and one output. Arrays of the input list after the first one are passed on
 * unchanged.
 */
@ConsumerType
public abstract class Layer extends AbstractLayer {
  /** For subclasses. */
  protected Layer() {}

  /**
   * Computes the layer.
   *
   * @param context passed on to the layers that this one consists of
   * @param x (N, C, H, W); must not be modified
   * @return (N, C', H', W')
   */
  public abstract NDArray forward(Context context, NDArray x);

  /**
   * @param input (N, C, H, W)
   * @return the shape of the output
   */
  public abstract Shape outputShape(Shape input);

  @Override
  public NDList forward(Context context, NDList inputs) {
    NDList result = new NDList(forward(context, inputs.head()));
    result.addAll(inputs.subNDList(1));
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] result = inputs.clone();
    result[0] = outputShape(inputs[0]);
    return result;
  }
}
