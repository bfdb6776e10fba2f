package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.riglab.nn.Context;
import org.riglab.nn.Layer;

/**
 * Max pooling 2x2 with stride 2, as PyTorch's {@code MaxPool2d(2, 2)}, except that a side of one
 * pixel stays one: PyTorch has no output there.
 */
final class MaxPool2x2 extends Layer {
  private static final Shape TWO = new Shape(2, 2);
  private static final Shape NONE = new Shape(0, 0);

  @Override
  public NDArray forward(Context context, NDArray x) {
    Shape shape = x.getShape();
    Shape window = new Shape(Math.min(2, shape.get(2)), Math.min(2, shape.get(3)));
    return x.getNDArrayInternal().maxPool(window, TWO, NONE, false);
  }

  @Override
  public Shape outputShape(Shape input) {
    return new Shape(input.get(0), input.get(1), side(input.get(2)), side(input.get(3)));
  }

  private static long side(long input) {
    return Math.max(1, input / 2);
  }
}
