package org.riglab.nn;

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
 * A block whose parameters have known shapes at construction. {@link Layer} is the base class of
 * layers with one input and one output, {@link GateLayer} that of gates.
 */
@ConsumerType
public abstract class AbstractLayer extends AbstractBlock {
  /** For subclasses. */
  protected AbstractLayer() {}

  /**
   * Computes the layer.
   *
   * @param context passed on to the layers that this one consists of
   * @param inputs arrays (N, C, H, W); must not be modified
   * @return the outputs
   */
  public abstract NDList forward(Context context, NDList inputs);

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return forward(Context.of(store, training, params), inputs);
  }

  /**
   * Initialises the children with the shapes of this layer's inputs. Layers of this package ignore
   * them. Override this method if a child is a DJL block that requires another shape.
   */
  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, inputs);
    }
  }

  /**
   * Adds a parameter.
   *
   * @param name its name in the state dict, relative to this layer
   * @param type of the parameter; running statistics are not trained
   * @param shape of its value
   * @param initializer of its value
   * @return the parameter; {@link Context#value} returns its value
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
}
