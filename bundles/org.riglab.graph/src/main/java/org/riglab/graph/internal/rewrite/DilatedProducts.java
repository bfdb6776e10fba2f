package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Writes convolutions with a wide dilation and few output channels, such as those of an ASPP head,
 * as one matrix product for all places of the kernel, whose results are shifted and added up. In
 * low precision oneDNN takes ten to thirty times as long for them, forward and backward.
 */
final class DilatedProducts implements Rewrite {
  /** Up to this dilation, oneDNN is as fast. */
  private static final long NARROW = 2;

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Convolution op && suits(graph, node, op)) {
        rewriter.redirect(node.id(), new Product(rewriter, node).sum(op));
      } else {
        rewriter.keep(node.id());
      }
    }
    return rewriter.result();
  }

  private static boolean suits(Graph graph, Node node, Op.Convolution op) {
    List<Long> weight = graph.node(node.inputs().get(1)).shape();
    return weight.size() == 4
        && op.groups() == 1
        && op.stride().equals(List.of(1L, 1L))
        && op.dilation().stream().allMatch(dilation -> dilation > NARROW)
        && weight.get(0) * weight.get(2) * weight.get(3) <= weight.get(1)
        && op.padding().get(0) <= reach(op, weight, 0)
        && op.padding().get(1) <= reach(op, weight, 1);
  }

  /** Distance between the first and the last pixel under the kernel along a side. */
  private static long reach(Op.Convolution op, List<Long> weight, int side) {
    return op.dilation().get(side) * (weight.get(2 + side) - 1);
  }

  private static final class Product extends ConvolutionProduct {
    Product(Rewriter rewriter, Node node) {
      super(rewriter, node);
    }

    int sum(Op.Convolution op) {
      long places = weight.get(0) * weight.get(2) * weight.get(3);
      long batch = image.get(0);
      long pixels = image.get(2) * image.get(3);
      int last = transpose(in.get(0), List.of(0, 2, 3, 1));
      int rows = add(new Op.Reshape(), List.of(last), List.of(batch, pixels, image.get(1)));
      int product =
          add(new Op.Linear(), List.of(rows, matrix(places)), List.of(batch, pixels, places));
      // the sum of rounded terms is not rounded at each of them
      int exact = cast(transpose(product, List.of(0, 2, 1)), DataType.FLOAT32);
      int sum =
          rewriter.add(
              new Kernel.ColumnsBackward(shifts(op)),
              List.of(exact),
              DataType.FLOAT32,
              node.shape(),
              where);
      return cast(in.size() > 2 ? biased(sum) : sum, node.type());
    }

    /**
     * The weights as a matrix with a row per output channel and place of the kernel. The places are
     * in reverse order: a pixel before another one is added to the result of that one.
     */
    private int matrix(long places) {
      int flipped = in.get(1);
      for (int axis = 2; axis < 4; axis++) {
        flipped = add(new Op.Along("flip", axis), List.of(flipped), weight);
      }
      int last = transpose(flipped, List.of(0, 2, 3, 1));
      return add(new Op.Reshape(), List.of(last), List.of(places, weight.get(1)));
    }

    private Kernel.Columns shifts(Op.Convolution op) {
      List<Long> padding = new ArrayList<>();
      for (int side = 0; side < 2; side++) {
        padding.add(reach(op, weight, side) - op.padding().get(side));
      }
      return new Kernel.Columns(weight.subList(2, 4), op.dilation(), padding, op.stride());
    }

    private int biased(int sum) {
      List<Long> channel = List.of(1L, weight.get(0), 1L, 1L);
      int bias = cast(in.get(2), DataType.FLOAT32);
      int wide = rewriter.add(new Op.Reshape(), List.of(bias), DataType.FLOAT32, channel, where);
      return rewriter.add(
          new Op.Pointwise("add", List.of()),
          List.of(sum, wide),
          DataType.FLOAT32,
          node.shape(),
          where);
    }

    private int cast(int id, DataType type) {
      Node made = rewriter.node(id);
      return made.type() == type
          ? id
          : rewriter.add(new Op.Cast(), List.of(id), type, made.shape(), where);
    }
  }
}
