package example.espnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.ConvTranspose2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;
import org.riglab.nn.Sequence;

/**
 * The blocks of the network. The feature comes first; what later blocks need of earlier ones is
 * carried behind it.
 */
final class Blocks {
  static final int LEVEL1 = 16;
  static final int LEVEL2 = 64;
  static final int LEVEL3 = 128;

  private Blocks() {}

  private static NDArray half(NDArray x) {
    Shape window = new Shape(3, 3);
    return Functional.avgPool2d(x, window, new Shape(2, 2), new Shape(1, 1), false, true);
  }

  private static Shape half(Shape x, int channels) {
    return new Shape(x.get(0), channels, (x.get(2) + 1) / 2, (x.get(3) + 1) / 2);
  }

  private static Shape channels(Shape x, long channels) {
    return new Shape(x.get(0), channels, x.get(2), x.get(3));
  }

  private static NDArray concat(NDArray... arrays) {
    return NDArrays.concat(new NDList(arrays), 1);
  }

  private static Sequence repeated(int times, int channels) {
    return new Sequence(
        IntStream.range(0, times).mapToObj(i -> Esp.plain(channels, channels)).toList());
  }

  /** (image) to (features of stride 2, the image at stride 4, the same features). */
  static final class Level1 extends AbstractLayer {
    private final int in;
    private final Layer level1;
    private final Layer b1;

    Level1(int in) {
      this.in = in;
      level1 = addChildBlock("level1", Chain.conv(in, LEVEL1, 3, 2, 1).normThenAct(LEVEL1));
      b1 = addChildBlock("b1", Chain.normAct(LEVEL1 + in));
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      NDArray small = half(inputs.head());
      NDArray features = b1.forward(context, concat(level1.forward(context, inputs.head()), small));
      return new NDList(features, half(small), features);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      Shape features = half(inputs[0], LEVEL1 + in);
      return new Shape[] {features, half(features, in), features};
    }
  }

  /** (features, the image, those of stride 2) to (features of stride 4, both strides again). */
  static final class Level2 extends AbstractLayer {
    private final int image;
    private final Layer first;
    private final Layer rest;
    private final Layer b2;

    Level2(int image, int units) {
      this.image = image;
      first = addChildBlock("level2_0", Esp.strided(LEVEL1 + image, LEVEL2));
      rest = addChildBlock("level2", repeated(units, LEVEL2));
      b2 = addChildBlock("b2", Chain.normAct(2 * LEVEL2 + image));
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      NDArray strided = first.forward(context, inputs.head());
      NDArray deep = rest.forward(context, strided);
      NDArray features = b2.forward(context, concat(deep, strided, inputs.get(1)));
      return new NDList(features, features, inputs.get(2));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      Shape features = half(inputs[0], 2 * LEVEL2 + image);
      return new Shape[] {features, features, inputs[2]};
    }
  }

  /** (features, those of stride 4 and 2) to (features of stride 8, those of stride 4 and 2). */
  static final class Level3 extends AbstractLayer {
    private final Layer first;
    private final Layer rest;
    private final Layer b3;

    Level3(int image, int units) {
      first = addChildBlock("level3_0", Esp.strided(2 * LEVEL2 + image, LEVEL3));
      rest = addChildBlock("level3", repeated(units, LEVEL3));
      b3 = addChildBlock("b3", Chain.normAct(2 * LEVEL3));
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      NDArray strided = first.forward(context, inputs.head());
      NDArray deep = rest.forward(context, strided);
      NDArray features = b3.forward(context, concat(strided, deep));
      return new NDList(features, inputs.get(1), inputs.get(2));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {half(inputs[0], 2 * LEVEL3), inputs[1], inputs[2]};
    }
  }

  /** (features of stride 8, 4 and 2) to (features of stride 2). */
  static final class Decoder extends AbstractLayer {
    private final int width;
    private final Layer project3;
    private final BatchNorm2d br;
    private final Layer up3;
    private final Layer project2;
    private final Layer combine;
    private final Layer up2;
    private final Layer conv;

    Decoder(int image, int width) {
      this.width = width;
      Chain classifier = Chain.conv(2 * LEVEL3, width, 1, 1, 1);
      project3 = addChildBlock("encoder", new Chain().then("classifier", classifier));
      project2 = addChildBlock("level3_C", Chain.conv(2 * LEVEL2 + image, width, 1, 1, 1));
      br = addChildBlock("br", Chain.norm(width));
      conv =
          addChildBlock(
              "conv", Chain.conv(LEVEL1 + image + width, width, 3, 1, 1).normThenAct(width));
      up3 = addChildBlock("up_l3", new Sequence(List.of(doubling(width, width))));
      combine =
          addChildBlock(
              "combine_l2_l3",
              new Sequence(List.of(Chain.normAct(2 * width), Esp.plain(2 * width, width))));
      up2 =
          addChildBlock(
              "up_l2", new Sequence(List.of(doubling(width, width), Chain.normAct(width))));
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      NDArray coarse = br.forward(context, project3.forward(context, inputs.head()));
      NDArray middle = project2.forward(context, inputs.get(1));
      NDArray both = combine.forward(context, concat(middle, up3.forward(context, coarse)));
      return new NDList(conv.forward(context, concat(up2.forward(context, both), inputs.get(2))));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {channels(inputs[2], width)};
    }
  }

  /** A transposed convolution without bias that doubles the size. */
  static ConvTranspose2d doubling(int in, int out) {
    return new ConvTranspose2d(in, out, 2, 2, 0, 0, 1, 1, false);
  }
}
