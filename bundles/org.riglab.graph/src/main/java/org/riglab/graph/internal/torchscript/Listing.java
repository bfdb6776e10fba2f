package org.riglab.graph.internal.torchscript;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Where;

/**
 * A graph that is to be compiled, for people: a line per operation, under headings for the runs of
 * blocks and gates.
 */
final class Listing {
  private final StringBuilder text = new StringBuilder();
  private final Set<Integer> kept;
  private String heading = "";

  private Listing(Set<Integer> kept) {
    this.kept = kept;
  }

  /**
   * @param graph of a pass of evaluation
   * @return the lines
   */
  static String of(Graph graph) {
    Listing listing = new Listing(Set.of());
    listing.text.append("%d operations\n".formatted(count(graph.nodes())));
    listing.write("", graph.nodes());
    listing.results(graph);
    return listing.text.toString();
  }

  /**
   * @param joint graph of a pass of training
   * @return the lines, of the forward pass and of the backward pass
   */
  static String of(Joint joint) {
    List<Node> saved = joint.saved();
    Listing listing = new Listing(saved.stream().map(Node::id).collect(Collectors.toSet()));
    Graph graph = joint.graph();
    List<Node> forward = graph.nodes().subList(0, joint.boundary());
    List<Node> backward = graph.nodes().subList(joint.boundary(), graph.nodes().size());
    listing.text.append(
        "%d operations forward, %d backward; %,d bytes in %d arrays are kept in between\n"
            .formatted(count(forward), count(backward), joint.kept(), saved.size()));
    listing.write("forward ", forward);
    listing.results(graph);
    listing.write("backward ", backward);
    return listing.text.toString();
  }

  private static long count(List<Node> nodes) {
    return nodes.stream()
        .filter(node -> !(node.op() instanceof Op.Param || node.op() instanceof Op.Input))
        .count();
  }

  private void write(String direction, List<Node> nodes) {
    for (Node node : nodes) {
      Where where = node.where();
      String place = direction + (where.label().isEmpty() ? "outside of blocks" : where.label());
      if (!place.equals(heading)) {
        heading = place;
        text.append("%n%s\n".formatted(place));
      }
      text.append("  ").append(node.line());
      if (!where.layer().isEmpty()) {
        text.append(" # ").append(where.layer());
      }
      if (kept.contains(node.id())) {
        text.append(", kept %,d bytes".formatted(node.op().view() ? 0 : node.bytes()));
      }
      text.append("\n");
    }
  }

  private void results(Graph graph) {
    text.append(
        graph.outputs().stream()
            .map(id -> "%" + id)
            .collect(Collectors.joining(", ", "  return ", "\n")));
  }
}
