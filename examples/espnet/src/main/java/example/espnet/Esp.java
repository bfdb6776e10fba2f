package example.espnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.nn.Context;
import org.riglab.nn.Layer;

/**
 * The efficient spatial pyramid (section 3 of the paper): a convolution reduces the channels, five
 * convolutions of dilation 1 to 16 see windows of different sizes, and sums of neighbouring results
 * remove gridding artefacts before all are concatenated.
 */
final class Esp extends Layer {
  private static final int[] DILATIONS = {1, 2, 4, 8, 16};

  private final Layer reduce;
  private final List<Layer> pyramid = new ArrayList<>();
  private final Chain end;
  private final boolean residual;
  private final int out;

  private Esp(int in, int out, int kernel, int stride, boolean residual) {
    this.out = out;
    this.residual = residual;
    int each = out / DILATIONS.length;
    int first = out - each * (DILATIONS.length - 1);
    reduce = addChildBlock("c1", Chain.conv(in, each, kernel, stride, 1));
    for (int dilation : DILATIONS) {
      pyramid.add(
          addChildBlock(
              "d" + dilation, Chain.conv(each, dilation == 1 ? first : each, 3, 1, dilation)));
    }
    Chain normAct = Chain.normAct(out);
    if (stride == 1) {
      end = addChildBlock("bn", normAct); // the original's module for both is called bn
    } else {
      end = normAct;
      normAct
          .getChildren()
          .forEach(child -> addChildBlock(child.getKey().substring(2), child.getValue()));
    }
  }

  /** Keeps the size; adds its input where the channels agree. */
  static Esp plain(int in, int out) {
    return new Esp(in, out, 1, 1, in == out);
  }

  /** Halves the size. */
  static Esp strided(int in, int out) {
    return new Esp(in, out, 3, 2, false);
  }

  @Override
  public NDArray forward(Context context, NDArray x) {
    NDArray reduced = reduce.forward(context, x);
    NDList parts = new NDList();
    for (Layer branch : pyramid) {
      NDArray part = branch.forward(context, reduced);
      // The first result has another number of channels and is not summed up.
      parts.add(parts.size() < 2 ? part : parts.get(parts.size() - 1).add(part));
    }
    NDArray all = NDArrays.concat(parts, 1);
    return end.forward(context, residual ? x.add(all) : all);
  }

  @Override
  public Shape outputShape(Shape input) {
    Shape reduced = reduce.outputShape(input);
    return new Shape(reduced.get(0), out, reduced.get(2), reduced.get(3));
  }
}
