package example.mobilenet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;
import org.riglab.nn.Sequence;

/** What MobileNetV2 is made of, with the names that torchvision gives. */
final class Units {
  private Units() {}

  /** Convolution, batch norm, ReLU6. */
  static Layer convolution(int in, int out, int kernel, int stride) {
    return unit(Conv2d.withoutBias(in, out, kernel, stride, 1), out);
  }

  /**
   * Expand by 1x1, convolve each channel, project by 1x1 without activation; plus the input where
   * the shape stays.
   */
  static Layer inverted(int in, int out, int expansion, int stride, int dilation) {
    int hidden = in * expansion;
    List<Layer> layers = new ArrayList<>();
    if (expansion > 1) {
      layers.add(convolution(in, hidden, 1, 1));
    }
    layers.add(unit(Conv2d.depthwise(hidden, 3, stride, dilation), hidden));
    layers.add(Conv2d.withoutBias(hidden, out, 1, 1, 1));
    layers.add(new BatchNorm2d(out));
    return new Inverted(new Sequence(layers), in == out && stride == 1);
  }

  private static Layer unit(Conv2d convolution, int out) {
    return new Sequence(List.of(convolution, new BatchNorm2d(out), new Relu6()));
  }

  private static final class Inverted extends Layer {
    private final Layer conv;
    private final boolean shortcut;

    Inverted(Layer layers, boolean shortcut) {
      conv = addChildBlock("conv", layers);
      this.shortcut = shortcut;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray y = conv.forward(context, x);
      return shortcut ? x.add(y) : y;
    }

    @Override
    public Shape outputShape(Shape input) {
      return conv.outputShape(input);
    }
  }

  private static final class Relu6 extends Layer {
    @Override
    public NDArray forward(Context context, NDArray x) {
      return x.clip(0, 6);
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }
}
