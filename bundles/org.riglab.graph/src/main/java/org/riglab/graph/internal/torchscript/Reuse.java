package org.riglab.graph.internal.torchscript;

import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Who needs a node's result, and where an operation may write into its operand. */
final class Reuse {
  private static final Set<String> WRITES = Set.of("relu", "add");

  private final Graph graph;
  private final int[] uses;

  Reuse(Graph graph) {
    this.graph = graph;
    uses = new int[graph.nodes().size()];
    graph.outputs().forEach(id -> uses[id] += 2); // a result is never written into
    for (int id = uses.length - 1; id >= 0; id--) {
      Node node = graph.node(id);
      boolean updates = node.op() instanceof Op.BatchNorm norm && norm.training();
      if (updates && uses[id] == 0) {
        uses[id] = 1; // running statistics count as a result
      }
      if (uses[id] > 0) {
        node.inputs().forEach(input -> uses[input]++);
      }
    }
  }

  int uses(int id) {
    return uses[id];
  }

  /**
   * Whether the first operand's memory can take the result: nobody else reads it, it is no view,
   * and the gradient of the operation that made it does not need it.
   */
  boolean inPlace(Node node, Map<Integer, DataType> types) {
    if (!(node.op() instanceof Op.Pointwise op) || !WRITES.contains(op.function())) {
      return false;
    }
    Node operand = graph.node(node.inputs().get(0));
    boolean fits =
        uses[operand.id()] == 1
            && operand.shape().equals(node.shape())
            && node.inputs().stream().allMatch(id -> types.get(id) == types.get(operand.id()));
    return fits
        && (operand.op() instanceof Op.BatchNorm
            || operand.op() instanceof Op.Convolution
            || operand.op() instanceof Op.Pointwise made && made.function().equals("add"));
  }
}
