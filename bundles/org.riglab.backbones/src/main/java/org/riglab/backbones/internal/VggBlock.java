package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Init;
import org.riglab.nn.Layer;

/**
 * 3x3 convolutions of a VGG and the pool behind them. Its layers are numbered as in torchvision's
 * {@code features}, where activations and pools count too.
 */
final class VggBlock extends Layer {
  private final List<Conv2d> convolutions = new ArrayList<>();
  private final List<BatchNorm2d> norms = new ArrayList<>();
  private final MaxPool2x2 pool = new MaxPool2x2();
  private final int end;

  /**
   * @param index of the first convolution in {@code features}
   * @param count how many convolutions
   * @param norm whether each is followed by batch norm
   */
  VggBlock(int index, int count, int in, int out, boolean norm) {
    int next = index;
    for (int i = 0; i < count; i++) {
      convolutions.add(
          addChildBlock(
              Integer.toString(next++),
              Conv2d.withBias(
                  i == 0 ? in : out, out, 3, 1, Init.kaimingNormalFanOut(), Initializer.ZEROS)));
      if (norm) {
        norms.add(addChildBlock(Integer.toString(next++), new BatchNorm2d(out)));
      }
      next++; // the activation
    }
    end = next + 1; // the pool
  }

  /** The index behind this block's. */
  int end() {
    return end;
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = x;
    for (int i = 0; i < convolutions.size(); i++) {
      y = convolutions.get(i).forward(context, y);
      if (!norms.isEmpty()) {
        y = norms.get(i).forward(context, y);
      }
      y = Functional.relu(y);
    }
    return pool.forward(context, y);
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = input;
    for (Conv2d convolution : convolutions) {
      shape = convolution.outputShape(shape);
    }
    return pool.outputShape(shape);
  }
}
