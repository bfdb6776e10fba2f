package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/** A U-Net's two 3x3 convolutions, each with batch norm and ReLU, behind a pool or not. */
final class DoubleConv extends Layer {
  private final MaxPool2x2 pool;
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;

  /**
   * @param pooled whether the input is halved first
   */
  DoubleConv(int in, int out, boolean pooled) {
    pool = pooled ? new MaxPool2x2() : null;
    conv1 = addChildBlock("conv1", Conv2d.withoutBias(in, out, 3, 1, 1));
    bn1 = addChildBlock("bn1", new BatchNorm2d(out));
    conv2 = addChildBlock("conv2", Conv2d.withoutBias(out, out, 3, 1, 1));
    bn2 = addChildBlock("bn2", new BatchNorm2d(out));
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = pool == null ? x : pool.forward(context, x);
    y = Functional.relu(bn1.forward(context, conv1.forward(context, y)));
    return Functional.relu(bn2.forward(context, conv2.forward(context, y)));
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = pool == null ? input : pool.outputShape(input);
    return conv2.outputShape(conv1.outputShape(shape));
  }
}
