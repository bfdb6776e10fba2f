package org.riglab.graph.internal.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.riglab.api.RigException;

/**
 * The same computation recorded at one or several sizes of batch, height and width: tells a side
 * that is always the same number from one that is another array's side.
 *
 * @param graphs of equal operations on equal operands
 */
public record Sizes(List<Graph> graphs) {
  /**
   * @throws RigException if the graphs are not the same computation; names the first operation that
   *     depends on the size
   */
  public Sizes {
    graphs = List.copyOf(graphs);
    List<Node> nodes = graphs.get(0).nodes();
    for (Graph other : graphs) {
      for (int id = 0; id < Math.min(nodes.size(), other.nodes().size()); id++) {
        if (!alike(nodes.get(id), other.node(id))) {
          throw refusal(nodes.get(id));
        }
      }
      if (nodes.size() != other.nodes().size()
          || !graphs.get(0).outputs().equals(other.outputs())) {
        throw refusal(nodes.get(nodes.size() - 1));
      }
    }
  }

  private static boolean alike(Node a, Node b) {
    return a.op().equals(b.op())
        && a.inputs().equals(b.inputs())
        && a.type() == b.type()
        && a.shape().size() == b.shape().size();
  }

  /**
   * @param node what depends on the size in a way that no other array tells
   * @return why there is no export
   */
  public static RigException refusal(Node node) {
    String where = node.where().toString();
    return new RigException(
        "cannot be exported for images of any size: what %s computes depends on the size%s"
            .formatted(
                node.op().getClass().getSimpleName(), where.isEmpty() ? "" : " (" + where + ")"));
  }

  /**
   * A side of an array.
   *
   * @param id of the node
   * @param axis counted from the front
   */
  public record Side(int id, int axis) {}

  /**
   * @return the one whose numbers stand where all agree
   */
  public Graph first() {
    return graphs.get(0);
  }

  /**
   * @return whether sizes can be told apart
   */
  public boolean several() {
    return graphs.size() > 1;
  }

  /**
   * @return the same computation, with each of the other sizes first once
   */
  public List<Sizes> others() {
    List<Sizes> others = new ArrayList<>();
    for (Graph graph : graphs.subList(1, graphs.size())) {
      List<Graph> order = new ArrayList<>(graphs);
      order.remove(graph);
      order.add(0, graph);
      others.add(new Sizes(order));
    }
    return others;
  }

  /**
   * @param a id of a node
   * @param axisA a side of it
   * @param b id of a node
   * @param axisB a side of it
   * @return whether both are equal at every size
   */
  public boolean same(int a, int axisA, int b, int axisB) {
    return axisA < first().node(a).shape().size()
        && graphs.stream()
            .allMatch(
                graph -> graph.node(a).shape().get(axisA).equals(graph.node(b).shape().get(axisB)));
  }

  /**
   * @param a id of a node
   * @param b id of a node
   * @return whether both are (N, C, H, W) of equal height and width at every size
   */
  public boolean sameSize(int a, int b) {
    return first().node(a).shape().size() == 4 && same(a, 2, b, 2) && same(a, 3, b, 3);
  }

  /**
   * @param id of a node
   * @param axis a side of it
   * @return whether it is the same number at every size
   */
  public boolean constant(int id, int axis) {
    return graphs.stream().map(graph -> graph.node(id).shape().get(axis)).distinct().count() == 1;
  }

  /**
   * @param id of a node
   * @param axis a side of it
   * @param known which nodes may be asked
   * @return the side itself if it is the same number at every size, else the equal side of an
   *     earlier node; empty if there is none
   */
  public Optional<Side> source(int id, int axis, IntPredicate known) {
    if (constant(id, axis)) {
      return Optional.of(new Side(id, axis));
    }
    for (int other = 0; other < id; other++) {
      for (int side = 0; side < first().node(other).shape().size(); side++) {
        if (known.test(other) && same(other, side, id, axis)) {
          return Optional.of(new Side(other, side));
        }
      }
    }
    return Optional.empty();
  }
}
