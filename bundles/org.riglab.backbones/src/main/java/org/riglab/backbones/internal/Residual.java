package org.riglab.backbones.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/**
 * A residual unit of a ResNet with torchvision's names: convolutions {@code conv1}, {@code bn1},
 * ... and, where the shape changes, {@code downsample.0} and {@code downsample.1} on the shortcut.
 */
final class Residual extends Layer {
  private final List<Conv2d> convolutions = new ArrayList<>();
  private final List<BatchNorm2d> norms = new ArrayList<>();
  private final Projection downsample;

  private Residual(int in, int out, int stride) {
    downsample =
        stride == 1 && in == out
            ? null
            : addChildBlock("downsample", new Projection(in, out, stride));
  }

  /** Two 3x3 convolutions (He et al., CVPR 2016, ResNet-18 and 34). */
  static Residual basic(int in, int width, int stride) {
    Residual unit = new Residual(in, width, stride);
    unit.add(Conv2d.withoutBias(in, width, 3, stride, 1), width);
    unit.add(Conv2d.withoutBias(width, width, 3, 1, 1), width);
    return unit;
  }

  /** 1x1, 3x3, 1x1 to four times the width. */
  static Residual bottleneck(int in, int width, int stride, StrideIn strideIn, int dilation) {
    boolean first = strideIn == StrideIn.CONV1;
    Residual unit = new Residual(in, 4 * width, stride);
    unit.add(Conv2d.withoutBias(in, width, 1, first ? stride : 1, 1), width);
    unit.add(Conv2d.withoutBias(width, width, 3, first ? 1 : stride, dilation), width);
    unit.add(Conv2d.withoutBias(width, 4 * width, 1, 1, 1), 4 * width);
    return unit;
  }

  private void add(Conv2d convolution, int channels) {
    int number = convolutions.size() + 1;
    convolutions.add(addChildBlock("conv" + number, convolution));
    norms.add(addChildBlock("bn" + number, new BatchNorm2d(channels)));
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = x;
    for (int i = 0; i < convolutions.size(); i++) {
      if (i > 0) {
        y = Functional.relu(y);
      }
      y = norms.get(i).forward(context, convolutions.get(i).forward(context, y));
    }
    NDArray shortcut = downsample == null ? x : downsample.forward(context, x);
    return Functional.relu(y.add(shortcut));
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = input;
    for (Conv2d convolution : convolutions) {
      shape = convolution.outputShape(shape);
    }
    return shape;
  }

  /** The shortcut where the shape changes. */
  private static final class Projection extends Layer {
    private final Conv2d convolution;
    private final BatchNorm2d norm;

    Projection(int in, int out, int stride) {
      convolution = addChildBlock("0", Conv2d.withoutBias(in, out, 1, stride, 1));
      norm = addChildBlock("1", new BatchNorm2d(out));
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      return norm.forward(context, convolution.forward(context, x));
    }

    @Override
    public Shape outputShape(Shape input) {
      return convolution.outputShape(input);
    }
  }
}
