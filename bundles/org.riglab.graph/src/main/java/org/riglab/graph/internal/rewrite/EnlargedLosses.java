package org.riglab.graph.internal.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Kernel.EnlargedCrossEntropy.Band;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Computes cross entropy of logits that two matrix products enlarge some rows at a time, together
 * with its gradient, on processors. The enlarged logits and their gradient are larger than the
 * caches of a processor: for 21 classes, eight images of 180x240 and a network of width 32 the loss
 * was a fifth of a step.
 */
final class EnlargedLosses implements Rewrite {
  /** Logits at a time: 1 MiB. */
  private static final long STRIP = 1 << 18;

  /** From so many strips on it is faster. */
  private static final long LEAST = 4;

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    int[] readers = Rewriter.readers(graph);
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      Optional<Products> products =
          node.op() instanceof Op.CrossEntropy op && op.smoothing() == 0
              ? products(graph, readers, node)
              : Optional.empty();
      if (products.isEmpty()) {
        rewriter.keep(node.id());
        continue;
      }
      Products found = products.get();
      List<Integer> operands =
          List.of(
              found.logits().id(),
              found.down().id(),
              found.across().id(),
              node.inputs().get(1),
              node.inputs().get(2));
      rewriter.redirect(
          node.id(),
          rewriter.add(
              found.kernel(((Op.CrossEntropy) node.op()).ignored()),
              rewriter.places(operands),
              node.type(),
              node.shape(),
              node.where()));
    }
    return rewriter.result();
  }

  /**
   * What enlarges logits.
   *
   * @param logits (N, C, h, w)
   * @param down (H, h)
   * @param across (w, W)
   */
  private record Products(Node logits, Node down, Node across) {
    long rows() {
      List<Long> shape = logits.shape();
      return Math.max(1, STRIP / (shape.get(0) * shape.get(1) * across.shape().get(1)));
    }

    boolean large() {
      return down.shape().get(0) >= LEAST * rows();
    }

    Kernel kernel(int ignored) {
      long height = down.shape().get(0);
      List<Band> bands = new ArrayList<>();
      for (long first = 0; first < height; first += rows()) {
        bands.add(band(first, Math.min(height, first + rows())));
      }
      return new Kernel.EnlargedCrossEntropy(ignored, rows(), bands);
    }

    private Band band(long top, long bottom) {
      int width = Math.toIntExact(down.shape().get(1));
      int first = 0;
      int end = width;
      if (down.op() instanceof Op.Literal literal) {
        while (first < width - 1 && empty(literal, first, top, bottom)) {
          first++;
        }
        while (end > first + 1 && empty(literal, end - 1, top, bottom)) {
          end--;
        }
      }
      return new Band(first, end);
    }

    private boolean empty(Op.Literal literal, int column, long top, long bottom) {
      int width = Math.toIntExact(down.shape().get(1));
      for (int row = Math.toIntExact(top); row < bottom; row++) {
        if (literal.values().get(row * width + column) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private static Optional<Products> products(Graph graph, int[] readers, Node entropy) {
    Node enlarged = graph.node(entropy.inputs().get(0));
    if (!(enlarged.op() instanceof Op.MatMul) || readers[enlarged.id()] != 1) {
      return Optional.empty();
    }
    Node rows = graph.node(enlarged.inputs().get(0));
    Node across = graph.node(enlarged.inputs().get(1));
    if (!(rows.op() instanceof Op.MatMul) || readers[rows.id()] != 1) {
      return Optional.empty();
    }
    Products products =
        new Products(graph.node(rows.inputs().get(1)), graph.node(rows.inputs().get(0)), across);
    return products.logits().shape().size() == 4
            && products.down().shape().size() == 2
            && products.across().shape().size() == 2
            && constant(graph, products.down())
            && constant(graph, products.across())
            && constant(graph, graph.node(entropy.inputs().get(2)))
            && products.large()
        ? Optional.of(products)
        : Optional.empty();
  }

  /** Whether an array needs no gradient, as it is the same in every pass. */
  private static boolean constant(Graph graph, Node node) {
    return node.op() instanceof Op.Literal
        || node.op() instanceof Op.Fill
        || node.op() instanceof Op.Transpose && constant(graph, graph.node(node.inputs().get(0)));
  }
}
