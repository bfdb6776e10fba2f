package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Computes once what is computed several times from the same operands: layers that an unroll
 * strategy runs again on what has not changed since. Each run counts where it is not like the
 * others: random numbers, dropout, and batch norm in training with whatever else reads the
 * statistics that it updates.
 */
public final class CommonSubexpressions implements Rewrite {
  /** What makes two operations the same. */
  private record Key(
      Op op, List<Integer> inputs, DataType type, List<List<Long>> shapes, Layout layout) {}

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Set<Integer> updated = new HashSet<>(Rewriter.updated(graph));
    Rewriter rewriter = new Rewriter(sizes);
    Map<Key, Integer> known = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (distinct(node) || node.inputs().stream().anyMatch(updated::contains)) {
        rewriter.keep(node.id());
        continue;
      }
      List<Node> now = rewriter.now(node.id());
      Key key =
          new Key(
              node.op(),
              now.get(0).inputs(),
              node.type(),
              now.stream().map(Node::shape).toList(),
              node.layout());
      Integer same = known.get(key);
      if (same == null) {
        rewriter.keep(node.id());
        known.put(key, rewriter.place(node.id()));
      } else {
        rewriter.redirect(node.id(), same);
      }
    }
    return rewriter.result();
  }

  private static boolean distinct(Node node) {
    return node.op() instanceof Op.Random
        || node.op() instanceof Op.Dropout
        || node.op() instanceof Op.Input
        || Rewriter.updates(node);
  }
}
