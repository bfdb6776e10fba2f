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
 * A block from arrays to arrays whose parameters know their shapes when it is made. {@link Layer}
 * is the usual case of one array, {@link GateLayer} that of a gate.
 */
@ConsumerType
public abstract class AbstractLayer extends AbstractBlock {
  /** For subclasses. */
  protected AbstractLayer() {}

  /**
   * Computes the layer.
   *
   * @param context to be passed on to the layers that this one consists of
   * @param inputs arrays (N, C, H, W); not to be changed
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
   * them; override this where a child is a DJL block that takes its size from another shape.
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
   * @param name its name in the state dict, below this layer
   * @param type decides whether it is trained
   * @param shape of its value
   * @param initializer of its value
   * @return the parameter; {@link Context#value} gives its value
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
