package org.riglab.graph.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * The sides of results as code. Sides that another array of the pass has are asked of that array:
 * the code is right for the sizes that were traced, and mostly the same for all others.
 */
final class Dimensions {
  private final Sizes sizes;
  private final Graph graph;
  private final Names names;
  private final IntPredicate plain;

  /**
   * @param sizes the pass
   * @param names of its arrays
   * @param plain for which nodes sides are numbers, and which others do not ask
   */
  Dimensions(Sizes sizes, Names names, IntPredicate plain) {
    this.sizes = sizes;
    this.graph = sizes.first();
    this.names = names;
    this.plain = plain;
  }

  /** What the caller passes in first. */
  Node image() {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Input)
        .findFirst()
        .orElseThrow();
  }

  /** All sides of a result: batch, height and width asked of another array if possible. */
  String of(Node node) {
    int rank = node.shape().size();
    if (rank == 0 || plain.test(node.id())) {
      return Literals.sizes(node.shape());
    }
    Optional<Integer> same = rank == 4 ? same(node.id()) : Optional.empty();
    List<String> sides = new ArrayList<>();
    boolean open = false;
    for (int axis = 0; axis < rank; axis++) {
      if (axis == 0 && rank == 4 && sizes.same(image().id(), 0, node.id(), 0)) {
        sides.add("torch.size(" + names.of(image().id()) + ", 0)");
      } else if (axis >= 2 && same.isPresent()) {
        sides.add("torch.size(" + names.of(same.get()) + ", " + axis + ")");
      } else if (!open && node.op() instanceof Op.Reshape && source(node, axis).isEmpty()) {
        sides.add("-1");
        open = true;
      } else {
        sides.add(side(node, axis));
      }
    }
    return sides.toString();
  }

  /** Height and width of a result. */
  String pixels(Node node) {
    if (plain.test(node.id())) {
      return node.shape().subList(2, 4).toString();
    }
    return same(node.id())
        .map(id -> "[torch.size(%1$s, 2), torch.size(%1$s, 3)]".formatted(names.of(id)))
        .orElseGet(() -> List.of(side(node, 2), side(node, 3)).toString());
  }

  private Optional<Sizes.Side> source(Node node, int axis) {
    return sizes.source(node.id(), axis, id -> !plain.test(id));
  }

  /** One side of a result: a number if it is always the same one, or another array's. */
  private String side(Node node, int axis) {
    return source(node, axis)
        .map(
            source ->
                source.id() == node.id()
                    ? node.shape().get(axis).toString()
                    : "torch.size(%s, %d)".formatted(names.of(source.id()), source.axis()))
        .orElseThrow(() -> Sizes.refusal(node));
  }

  /** An array made before that has the height and width of a result: that which it meets first. */
  private Optional<Integer> same(int id) {
    for (Node user : graph.nodes().subList(id + 1, graph.nodes().size())) {
      if (user.inputs().contains(id)) {
        for (int other : user.inputs()) {
          if (other < id && !plain.test(other) && sizes.sameSize(other, id)) {
            return Optional.of(other);
          }
        }
      }
    }
    for (int other = id - 1; other >= 0; other--) {
      if (!plain.test(other) && sizes.sameSize(other, id)) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }
}
