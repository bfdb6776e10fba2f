package org.riglab.graph.internal.torchscript;

import java.util.function.UnaryOperator;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Code that names the results of a graph's operations. */
final class Names {
  private final Graph graph;
  private final UnaryOperator<String> parameter;

  /**
   * @param graph of the operations
   * @param parameter code for a parameter, from its name in the state dict
   */
  Names(Graph graph, UnaryOperator<String> parameter) {
    this.graph = graph;
    this.parameter = parameter;
  }

  /** The name of a node's result. */
  String of(int id) {
    Node node = graph.node(id);
    if (node.op() instanceof Op.Input input) {
      return input.name();
    } else if (node.op() instanceof Op.Param given) {
      return parameter.apply(given.name());
    } else if (node.op() instanceof Kernel.Seed seed) {
      return "g[" + seed.output() + "]";
    } else if (node.op() instanceof Kernel.Part part) {
      return of(node.inputs().get(0)) + "_" + part.index();
    }
    return "v" + id;
  }

  /** Whether a name is given from outside, so that no line defines it. */
  boolean given(int id) {
    Op op = graph.node(id).op();
    return op instanceof Op.Input || op instanceof Op.Param || op instanceof Kernel.Seed;
  }
}
