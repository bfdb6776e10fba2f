package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/**
 * VGG's fc6 and fc7 as convolutions, 7x7 and 1x1, that keep the size. They have the names of
 * torchvision's linear layers, whose weights (out, in * 7 * 7) and (out, in) are theirs reshaped.
 */
final class VggFc extends Layer {
  private final Conv2d fc6;
  private final Conv2d fc7;

  VggFc(int in, int out) {
    fc6 = addChildBlock("0", Conv2d.withBias(in, out, 7, 1, weights(), Initializer.ZEROS));
    fc7 = addChildBlock("3", Conv2d.withBias(out, out, 1, 1, weights(), Initializer.ZEROS));
  }

  private static Initializer weights() {
    return new NormalInitializer(0.01f); // torchvision's for its linear layers
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = Functional.relu(fc6.forward(context, x));
    return Functional.relu(fc7.forward(context, y));
  }

  @Override
  public Shape outputShape(Shape input) {
    return fc7.outputShape(fc6.outputShape(input));
  }
}
