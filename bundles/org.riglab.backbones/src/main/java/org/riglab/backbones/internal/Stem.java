package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/** A ResNet's first block: 7x7 convolution and 3x3 max pooling, both with stride 2. */
final class Stem extends Layer {
  private final Conv2d convolution;
  private final BatchNorm2d norm;

  Stem(int in, int width) {
    convolution = addChildBlock("conv1", Conv2d.withoutBias(in, width, 7, 2, 1));
    norm = addChildBlock("bn1", new BatchNorm2d(width));
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = norm.forward(context, convolution.forward(context, x));
    return Functional.maxPool2d(Functional.relu(y), 3, 2, 1, false);
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = convolution.outputShape(input);
    return new Shape(shape.get(0), shape.get(1), (shape.get(2) + 1) / 2, (shape.get(3) + 1) / 2);
  }
}
