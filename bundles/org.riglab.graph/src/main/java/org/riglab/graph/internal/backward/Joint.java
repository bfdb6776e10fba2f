package org.riglab.graph.internal.backward;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrites;

/**
 * A training pass: the forward pass and, from the first {@link Kernel.Seed} on, the backward pass.
 */
public final class Joint {
  private final Graph graph;
  private final int boundary;

  /**
   * @param graph of both passes; its outputs are the forward pass's
   */
  public Joint(Graph graph) {
    this.graph = graph;
    this.boundary =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Kernel.Seed)
            .mapToInt(Node::id)
            .findFirst()
            .orElse(graph.nodes().size());
  }

  /**
   * Differentiates a pass and optimises both directions together.
   *
   * @param forward with types and layouts chosen
   * @param replace whether the parameters' gradients are replaced rather than added to
   * @param recompute whether only what goes from one run of a block or gate to another is kept
   * @param products as of {@link Adjoint}
   * @return the joint graph
   * @throws org.riglab.api.RigException if an operation's gradient is not known here; names it
   */
  public static Joint of(Sizes forward, boolean replace, boolean recompute, boolean products) {
    Sizes sizes = Rewrites.plain(new Adjoint(replace, products).apply(forward));
    if (!recompute) {
      // maps of all iterations are needed at once
      sizes = Rewrites.live(new SharedWeights().apply(sizes));
    }
    sizes = new StoredProducts().apply(sizes);
    if (recompute) {
      sizes = new Recompute().apply(sizes);
    }
    return new Joint(Rewrites.live(sizes).first());
  }

  /**
   * @return both passes
   */
  public Graph graph() {
    return graph;
  }

  /**
   * @return the id at which the backward pass begins
   */
  public int boundary() {
    return boundary;
  }

  /**
   * @param id of a node
   * @return whether the forward pass computes it; so it does the further results of its operations
   */
  public boolean forward(int id) {
    Node node = graph.node(id);
    return (node.op() instanceof Kernel.Part ? node.inputs().get(0) : id) < boundary;
  }

  /**
   * @return what the forward pass keeps for the backward pass, parameters and the image left out
   */
  public List<Node> saved() {
    Set<Integer> saved = new LinkedHashSet<>();
    for (Node node : graph.nodes().subList(boundary, graph.nodes().size())) {
      if (!forward(node.id())) {
        node.inputs().stream()
            .filter(this::forward)
            .filter(id -> !(graph.node(id).op() instanceof Op.Param))
            .filter(id -> !(graph.node(id).op() instanceof Op.Input))
            .forEach(saved::add);
      }
    }
    return saved.stream().map(graph::node).toList();
  }

  /**
   * @return bytes of the arrays that {@link #saved} names; of several views of one array the array
   */
  public long kept() {
    Set<Integer> arrays = new LinkedHashSet<>();
    saved().forEach(node -> arrays.add(base(node)));
    return arrays.stream()
        .map(graph::node)
        .filter(node -> !(node.op() instanceof Op.Param || node.op() instanceof Op.Input))
        .mapToLong(Node::bytes)
        .sum();
  }

  private int base(Node node) {
    Node base = node;
    while (base.op().view()) {
      base = graph.node(base.inputs().get(0));
    }
    return base.id();
  }

  /**
   * @return names of the parameters that get a gradient
   */
  public List<String> parameters() {
    List<String> names = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Kernel.Store || node.op() instanceof Kernel.StoreProduct) {
        names.add(((Op.Param) graph.node(node.inputs().get(0)).op()).name());
      }
    }
    return names;
  }
}
