package example.espnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Layer;
import org.riglab.nn.PReLU;

/** Layers with names, one after the other: what a small module of the original consists of. */
final class Chain extends Layer {
  private static final double EPS = 1e-3;
  private static final double MOMENTUM = 0.1;

  private final List<Layer> layers = new ArrayList<>();

  Chain then(String name, Layer layer) {
    layers.add(addChildBlock(name, layer));
    return this;
  }

  /** A convolution without bias that keeps the size but for its stride. */
  static Chain conv(int in, int out, int kernel, int stride, int dilation) {
    return new Chain()
        .then(
            "conv",
            Conv2d.builder(in, out)
                .kernel(kernel)
                .stride(stride)
                .padding(kernel / 2 * dilation)
                .dilation(dilation)
                .bias(false)
                .build());
  }

  /** Batch norm and PReLU. */
  static Chain normAct(int channels) {
    return new Chain().normThenAct(channels);
  }

  Chain normThenAct(int channels) {
    return then("bn", norm(channels)).then("act", new PReLU(channels));
  }

  static BatchNorm2d norm(int channels) {
    return new BatchNorm2d(channels, EPS, MOMENTUM);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray y = x;
    for (Layer layer : layers) {
      y = layer.forward(context, y);
    }
    return y;
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape shape = input;
    for (Layer layer : layers) {
      shape = layer.outputShape(shape);
    }
    return shape;
  }
}
