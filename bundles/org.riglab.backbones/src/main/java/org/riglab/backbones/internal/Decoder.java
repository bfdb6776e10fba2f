package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/**
 * A U-Net's decoder block: enlarges the feature to the size of the last one that is carried along,
 * halves its channels, puts it behind that one and convolves twice: {@code (x, carried..., skip)}
 * to {@code (y, carried...)}.
 */
final class Decoder extends AbstractBlock {
  private final Conv2d up;
  private final DoubleConv convolutions;

  /**
   * @param in channels of the feature
   * @param out channels of the skip and of the result
   */
  Decoder(int in, int out) {
    up = addChildBlock("up", Conv2d.withBias(in, out, 3, 1));
    convolutions = addChildBlock("convs", new DoubleConv(2 * out, out, false));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray skip = inputs.get(inputs.size() - 1);
    Shape size = skip.getShape();
    NDArray enlarged = Functional.interpolate(inputs.head(), size.get(2), size.get(3));
    NDArray both = skip.concat(up.forward(store, enlarged, training), 1);
    NDList result = new NDList(convolutions.forward(store, both, training));
    result.addAll(inputs.subNDList(1, inputs.size() - 1));
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] result = Arrays.copyOf(inputs, inputs.length - 1);
    result[0] = inputs[inputs.length - 1]; // the skip has the result's channels too
    return result;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
    for (Block child : getChildren().values()) {
      child.initialize(manager, type, inputs);
    }
  }
}
