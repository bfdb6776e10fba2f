package org.riglab.graph.internal.rewrite;

import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Writes convolutions as matrix products where libraries compute these faster, given that channels
 * are last: with a kernel of 1x1, which is a product over the channels of each pixel and needs no
 * other layout; and with so many more weights than pixels that bringing the weights into another
 * layout would take longer than the convolution, which becomes a product of the weights, as they
 * are in memory, and columns of pixels.
 */
public final class MatrixProducts implements Rewrite {
  private static final List<Integer> CHANNELS_LAST = List.of(0, 2, 3, 1);
  private static final List<Integer> CHANNELS_FIRST = List.of(0, 3, 1, 2);

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Convolution op && pointwise(graph, node, op)) {
        rewriter.redirect(node.id(), new Product(rewriter, node).pointwise(op));
      } else if (node.op() instanceof Op.Convolution op && columns(node, op)) {
        rewriter.redirect(node.id(), new Product(rewriter, node).columns(op));
      } else {
        rewriter.keep(node.id());
      }
    }
    return rewriter.result();
  }

  private static boolean pointwise(Graph graph, Node node, Op.Convolution op) {
    List<Long> weight = graph.node(node.inputs().get(1)).shape();
    return weight.size() == 4
        && weight.get(2) == 1
        && weight.get(3) == 1
        && op.groups() == 1
        && op.padding().equals(List.of(0L, 0L));
  }

  private static boolean columns(Node node, Op.Convolution op) {
    List<Long> shape = node.shape();
    return shape.size() == 4
        && op.groups() == 1
        && 2 * shape.get(0) * shape.get(2) * shape.get(3) <= shape.get(1);
  }

  private static final class Product extends ConvolutionProduct {
    Product(Rewriter rewriter, Node node) {
      super(rewriter, node);
    }

    int pointwise(Op.Convolution op) {
      int x = in.get(0);
      if (!op.stride().equals(List.of(1L, 1L))) {
        List<Long> pixels = List.copyOf(pixels());
        Op slice =
            new Op.Slice(
                List.of(0L, 0L, 0L, 0L), List.of(1L, 1L, op.stride().get(0), op.stride().get(1)));
        List<Long> shape =
            List.of(node.shape().get(0), weight.get(1), pixels.get(0), pixels.get(1));
        x = add(slice, List.of(x), shape);
        x =
            rewriter.add(
                new Kernel.Arrange(), List.of(x), node.type(), shape, Layout.CHANNELS_LAST, where);
      }
      List<Long> shape = rewriter.node(x).shape();
      int pixels = transpose(x, CHANNELS_LAST);
      List<Long> made = List.of(shape.get(0), shape.get(2), shape.get(3), weight.get(0));
      return transpose(add(new Op.Linear(), operands(pixels), made), CHANNELS_FIRST);
    }

    int columns(Op.Convolution op) {
      long each = weight.get(1) * weight.get(2) * weight.get(3);
      long batch = node.shape().get(0);
      long windows = node.shape().get(2) * node.shape().get(3);
      Op op2col =
          new Kernel.Columns(weight.subList(2, 4), op.dilation(), op.padding(), op.stride());
      int columns = add(op2col, List.of(in.get(0)), List.of(batch, each, windows));
      int rows = transpose(columns, List.of(0, 2, 1));
      int flat = add(new Op.Reshape(), List.of(rows), List.of(batch * windows, each));
      int product = add(new Op.Linear(), operands(flat), List.of(batch * windows, weight.get(0)));
      List<Long> made = List.of(batch, node.shape().get(2), node.shape().get(3), weight.get(0));
      return transpose(add(new Op.Reshape(), List.of(product), made), CHANNELS_FIRST);
    }

    private List<Long> pixels() {
      return node.shape().subList(2, 4);
    }

    /** The operands of the product: rows, the weights as a matrix, perhaps a bias. */
    private List<Integer> operands(int rows) {
      long each = weight.get(1) * weight.get(2) * weight.get(3);
      int matrix = add(new Op.Reshape(), in.subList(1, 2), List.of(weight.get(0), each));
      return in.size() > 2 ? List.of(rows, matrix, in.get(2)) : List.of(rows, matrix);
    }
  }
}
