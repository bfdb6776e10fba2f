package org.riglab.graph.internal.torchscript;

import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Where an operation may write its result over an operand. */
final class Reuse {
  private static final Set<String> WRITES = Set.of("relu", "add", "mul", "neg");
  private static final Set<String> ENGINE_WRITES = Set.of("relu", "add");

  private final Graph graph;
  private final boolean engine;
  private final int[] uses;

  /**
   * @param graph of a pass, or of a pass and its backward pass
   * @param engine whether the engine goes back through the pass, so that it must find what it keeps
   */
  Reuse(Graph graph, boolean engine) {
    this.graph = graph;
    this.engine = engine;
    uses = new int[graph.nodes().size()];
    graph.outputs().forEach(id -> uses[id] += 2); // a result is never written over
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof Kernel.Part)) { // which reads another result of its operand
        node.inputs().forEach(input -> uses[input]++);
      }
    }
  }

  /**
   * The operand whose memory can take the result: nothing else reads it, it is no view, and it has
   * the result's shape and type.
   *
   * @return its index; -1 if there is none
   */
  int operand(Node node) {
    if (!(node.op() instanceof Op.Pointwise op)
        || !(engine ? ENGINE_WRITES : WRITES).contains(op.function())) {
      return -1;
    }
    int most = op.function().equals("add") || op.function().equals("mul") ? 2 : 1;
    for (int i = 0; i < Math.min(most, node.inputs().size()); i++) {
      Node operand = graph.node(node.inputs().get(i));
      if (uses[operand.id()] == 1
          && operand.shape().equals(node.shape())
          && operand.type() == node.type()
          && operand.layout() == node.layout()
          && fresh(operand)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a result has memory of its own, which the engine does not need either. */
  private boolean fresh(Node node) {
    Op op = node.op();
    if (op instanceof Op.BatchNorm || op instanceof Op.Convolution) {
      return true;
    } else if (op instanceof Op.Pointwise pointwise) {
      return pointwise.function().equals("add") || !engine;
    } else if (op instanceof Kernel.Part) {
      return fresh(graph.node(node.inputs().get(0)));
    }
    return !engine
        && (op instanceof Kernel.PointwiseBackward
            || op instanceof Kernel.ConvolutionBackward
            || op instanceof Kernel.BatchNormBackward
            || op instanceof Kernel.PoolBackward
            || op instanceof Kernel.ResizeBackward
            || op instanceof Kernel.SliceBackward
            || op instanceof Kernel.FusedConvolution
            || op instanceof Op.MatMul
            || op instanceof Op.Linear);
  }
}
