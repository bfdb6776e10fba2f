package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/**
 * A U-Net's decoder block: enlarges the feature to the size of the last one that is carried along,
 * halves its channels, puts it behind that one and convolves twice: {@code (x, carried..., skip)}
 * to {@code (y, carried...)}.
 */
final class Decoder extends AbstractLayer {
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
  public NDList forward(Context context, NDList inputs) {
    NDArray skip = inputs.get(inputs.size() - 1);
    NDArray enlarged = Functional.interpolate(inputs.head(), skip);
    NDArray both = skip.concat(up.forward(context, enlarged), 1);
    NDList result = new NDList(convolutions.forward(context, both));
    result.addAll(inputs.subNDList(1, inputs.size() - 1));
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    Shape[] result = Arrays.copyOf(inputs, inputs.length - 1);
    result[0] = inputs[inputs.length - 1]; // the skip has the result's channels too
    return result;
  }
}
