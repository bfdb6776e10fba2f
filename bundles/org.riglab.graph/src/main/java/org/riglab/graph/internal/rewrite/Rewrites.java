package org.riglab.graph.internal.rewrite;

import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Passes;

/** Which rewrites a computation goes through on its way. */
public final class Rewrites {
  private static final List<Rewrite> PLAIN =
      List.of(new ConstantFolding(), new CommonSubexpressions(), new DeadCode());

  private Rewrites() {}

  /**
   * For what keeps every parameter under its name and may be trained: exports, and compiled
   * training.
   *
   * @param passes as traced
   * @return folded constants, common subexpressions once, no dead code
   */
  public static Passes plain(Passes passes) {
    Passes rewritten = passes;
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
    Passes folded = new BatchNormFolding().apply(plain(new Passes(List.of(graph))));
    // iterations that share statistics share the scaled weights
    return plain(folded).first();
  }
}
