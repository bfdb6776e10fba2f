package org.riglab.graph.internal.rewrite;

import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Leaves out what no result needs. Inputs stay, and so does batch norm in training: it updates its
 * running statistics.
 */
public final class DeadCode implements Rewrite {
  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    boolean[] needed = new boolean[graph.nodes().size()];
    graph.outputs().forEach(id -> needed[id] = true);
    for (int id = needed.length - 1; id >= 0; id--) {
      Node node = graph.node(id);
      needed[id] |= node.op() instanceof Op.Input || Rewriter.updates(node);
      if (needed[id]) {
        node.inputs().forEach(input -> needed[input] = true);
      }
    }
    Rewriter rewriter = new Rewriter(sizes);
    for (int id = 0; id < needed.length; id++) {
      if (needed[id]) {
        rewriter.keep(id);
      }
    }
    return rewriter.result();
  }
}
