package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A block with one input and one output whose parameters know their shapes when it is made. What is
 * in the input list behind the first array is carried along unchanged.
 */
@ConsumerType
public abstract class Layer extends AbstractBlock {
  /**
   * Computes the layer.
   *
   * @param store hands out parameter values
   * @param x (N, C, H, W)
   * @param training whether batch statistics are used and running statistics updated
   * @return (N, C', H', W')
   */
  public abstract NDArray forward(ParameterStore store, NDArray x, boolean training);

  /**
   * @param input (N, C, H, W)
   * @return the shape of the output for that shape of the input
   */
  public abstract Shape outputShape(Shape input);

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList result = new NDList(forward(store, inputs.head(), training));
    result.addAll(inputs.subNDList(1));
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] result = inputs.clone();
    result[0] = outputShape(inputs[0]);
    return result;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, inputs);
    }
  }

  /**
   * Adds a parameter.
   *
   * @param name its name in the state dict, below this layer
   * @param type decides whether it is trained
   * @param shape of its value
   * @param initializer of its value
   * @return the parameter
   */
  protected Parameter parameter(
      String name, Parameter.Type type, Shape shape, Initializer initializer) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(type)
            .optRequiresGrad(
                type != Parameter.Type.RUNNING_MEAN && type != Parameter.Type.RUNNING_VAR)
            .optShape(shape)
            .optInitializer(initializer)
            .build());
  }

  /**
   * @param store hands out parameter values
   * @param parameter one of this layer's
   * @param like an array on the wanted device
   * @param training whether a gradient may be wanted
   * @return the parameter's value
   */
  protected static NDArray value(
      ParameterStore store, Parameter parameter, NDArray like, boolean training) {
    return store.getValue(parameter, like.getDevice(), training);
  }
}
