package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Optional;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Enlarges a map in low precision where it only scales or shifts another map whose result is
 * rounded to that precision, as in a gate. The engine interpolates in float32 in either case; a
 * result in float32 takes twice the memory, and so do the copies in which the two are combined.
 *
 * @param low the precision of products
 */
record LowResizes(DataType low) implements Rewrite {
  private static final List<String> FUNCTIONS = List.of("mul", "add");

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    int[] readers = Rewriter.readers(graph);
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      Optional<Node> resize = resize(graph, readers, node);
      if (resize.isEmpty()) {
        rewriter.keep(node.id());
        continue;
      }
      Node combined = graph.node(node.inputs().get(0));
      Node large = resize.get();
      int small = rewriter.place(graph.node(large.inputs().get(0)).inputs().get(0));
      int enlarged = rewriter.add(large.op(), List.of(small), low, large.shape(), large.where());
      List<Integer> operands =
          combined.inputs().stream()
              .map(id -> id == large.id() ? enlarged : rewriter.place(id))
              .toList();
      rewriter.redirect(
          node.id(),
          rewriter.add(combined.op(), operands, low, combined.shape(), combined.where()));
    }
    return rewriter.result();
  }

  /** The enlarged map, if a node rounds what it is combined with. */
  private Optional<Node> resize(Graph graph, int[] readers, Node node) {
    if (!(node.op() instanceof Op.Cast) || node.type() != low) {
      return Optional.empty();
    }
    Node combined = graph.node(node.inputs().get(0));
    if (!(combined.op() instanceof Op.Pointwise pointwise)
        || !FUNCTIONS.contains(pointwise.function())
        || combined.inputs().size() != 2
        || readers[combined.id()] != 1) {
      return Optional.empty();
    }
    Node first = graph.node(combined.inputs().get(0));
    Node second = graph.node(combined.inputs().get(1));
    if (first.type() == low && enlarges(graph, readers, second)) {
      return Optional.of(second);
    }
    return second.type() == low && enlarges(graph, readers, first)
        ? Optional.of(first)
        : Optional.empty();
  }

  private boolean enlarges(Graph graph, int[] readers, Node node) {
    if (!(node.op() instanceof Op.Resize resize)
        || resize.mode() != 1
        || resize.antialias()
        || readers[node.id()] != 1) {
      return false;
    }
    Node cast = graph.node(node.inputs().get(0));
    return cast.op() instanceof Op.Cast && graph.node(cast.inputs().get(0)).type() == low;
  }
}
