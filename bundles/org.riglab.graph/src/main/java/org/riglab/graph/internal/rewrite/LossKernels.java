package org.riglab.graph.internal.rewrite;

import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Chooses kernels for losses. Logits that are enlarged for nothing but cross entropy take the plain
 * kernel, which is faster than the smoothing one. In CUDA, cross entropy adds up pixels in an order
 * that changes from run to run; where that must not be, each pixel's is computed and summed apart.
 */
final class LossKernels implements Rewrite {
  private final boolean deterministic;

  /**
   * @param deterministic whether sums are added up in the same order in every run
   */
  LossKernels(boolean deterministic) {
    this.deterministic = deterministic;
  }

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Resize op && op.antialias() && scored(graph, node)) {
        replace(rewriter, node, new Op.Resize(op.mode(), op.alignCorners(), false));
      } else if (node.op() instanceof Op.CrossEntropy op && deterministic) {
        replace(rewriter, node, new Op.CrossEntropy(op.ignored(), op.smoothing(), true));
      } else {
        rewriter.keep(node.id());
      }
    }
    return rewriter.result();
  }

  private static void replace(Rewriter rewriter, Node node, Op op) {
    rewriter.redirect(
        node.id(),
        rewriter.add(op, rewriter.places(node.inputs()), node.type(), node.shape(), node.where()));
  }

  /** Whether logits are enlarged, and nothing but cross entropy reads the result. */
  private static boolean scored(Graph graph, Node node) {
    Node before = graph.node(node.inputs().get(0));
    return before.shape().get(2) <= node.shape().get(2)
        && before.shape().get(3) <= node.shape().get(3)
        && graph.nodes().stream()
            .filter(reader -> reader.inputs().contains(node.id()))
            .allMatch(reader -> reader.op() instanceof Op.CrossEntropy);
  }
}
