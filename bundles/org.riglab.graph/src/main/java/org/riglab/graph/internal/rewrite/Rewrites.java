package org.riglab.graph.internal.rewrite;

import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/** Which rewrites a computation goes through on its way. */
public final class Rewrites {
  private static final List<Rewrite> PLAIN =
      List.of(new ConstantFolding(), new CommonSubexpressions(), new DeadCode());

  private Rewrites() {}

  /**
   * For what keeps every parameter under its name and may be trained: exports, and compiled
   * training.
   *
   * @param sizes as traced
   * @return folded constants, common subexpressions once, no dead code
   */
  public static Sizes plain(Sizes sizes) {
    Sizes rewritten = sizes;
    for (Rewrite rewrite : PLAIN) {
      rewritten = rewrite.apply(rewritten);
    }
    return rewritten;
  }

  /**
   * For compiled inference.
   *
   * @param graph as traced, in evaluation mode
   * @return as of {@link #plain}, and batch norm folded into convolutions
   */
  public static Graph inference(Graph graph) {
    // after common subexpressions, which tell how many read a convolution's result
    Sizes folded = new BatchNormFolding().apply(plain(new Sizes(List.of(graph))));
    // iterations that share statistics share the scaled weights
    return plain(folded).first();
  }

  /**
   * @param sizes a computation
   * @return it without what no result needs
   */
  public static Sizes live(Sizes sizes) {
    return new DeadCode().apply(sizes);
  }

  /**
   * @param graph a computation
   * @return for each node whether it depends on parameters alone
   */
  public static boolean[] fixed(Graph graph) {
    boolean[] fixed = new boolean[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      fixed[node.id()] =
          node.op() instanceof Op.Param
              || !node.inputs().isEmpty()
                  && !(node.op() instanceof Op.Dropout)
                  && !Rewriter.updates(node)
                  && node.inputs().stream().allMatch(id -> fixed[id]);
    }
    return fixed;
  }
}
