package org.riglab.graph.internal.analysis;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Multiply-adds of convolutions and matrix products; see {@link org.riglab.api.bench.Analysis}. */
public final class Counts {
  private final Graph graph;
  private final BitSet constant = new BitSet();

  /**
   * @param graph to count on
   */
  public Counts(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      boolean made = node.op() instanceof Op.Literal || node.op() instanceof Op.Fill;
      boolean follows = !node.inputs().isEmpty() && node.inputs().stream().allMatch(constant::get);
      constant.set(node.id(), made || follows);
    }
  }

  /**
   * @param node of the graph
   * @return its multiply-adds
   */
  public long of(Node node) {
    if (node.op() instanceof Op.Convolution) {
      return node.elements() * perOutput(node.inputs().get(1));
    } else if (node.op() instanceof Op.Linear) {
      return node.elements() * perOutput(node.inputs().get(1));
    } else if (node.op() instanceof Op.MatMul && node.inputs().stream().noneMatch(constant::get)) {
      Node left = operand(node, 0);
      return node.elements() * left.shape().get(left.shape().size() - 1);
    }
    return 0;
  }

  /**
   * @param run index in the graph's list; -1 for what is outside of blocks and gates
   * @return multiply-adds of that run
   */
  public long run(int run) {
    return graph.nodes().stream()
        .filter(node -> node.where().run() == run)
        .mapToLong(this::of)
        .sum();
  }

  /**
   * @return multiply-adds of the whole graph
   */
  public long total() {
    return graph.nodes().stream().mapToLong(this::of).sum();
  }

  /**
   * @return for each output the multiply-adds of everything that it or an earlier output depends on
   */
  public List<Long> upToEachOutput() {
    BitSet needed = new BitSet();
    List<Long> sums = new ArrayList<>();
    for (int output : graph.outputs()) {
      needed.set(output);
      for (int id = output; id >= 0; id--) {
        if (needed.get(id)) {
          graph.node(id).inputs().forEach(needed::set);
        }
      }
      sums.add(needed.stream().mapToLong(id -> of(graph.node(id))).sum());
    }
    return sums;
  }

  private Node operand(Node node, int index) {
    return graph.node(node.inputs().get(index));
  }

  /** Elements of a weight that meet one element: all but those of its first axis. */
  private long perOutput(int weight) {
    return graph.node(weight).shape().stream().skip(1).reduce(1L, (a, b) -> a * b);
  }
}
