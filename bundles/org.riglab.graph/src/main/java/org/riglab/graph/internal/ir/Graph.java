package org.riglab.graph.internal.ir;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A computation, recorded: equal if it does the same in the same order. Holds nothing of the
 * classes that it was recorded from.
 *
 * @param nodes operands in front of what uses them
 * @param runs of blocks and gates, in the order of their start
 * @param outputs ids of the results
 */
public record Graph(List<Node> nodes, List<BlockCall> runs, List<Integer> outputs) {
  /** Copies the lists. */
  public Graph {
    nodes = List.copyOf(nodes);
    runs = List.copyOf(runs);
    outputs = List.copyOf(outputs);
  }

  /**
   * One run of a block or a gate.
   *
   * @param gate whether it is a gate's
   * @param block 1 for B1
   * @param iteration 1 for the first
   * @param inputs ids of what goes in: the feature, then feedback or what is carried along
   * @param outputs ids of what comes out
   */
  public record BlockCall(
      boolean gate, int block, int iteration, List<Integer> inputs, List<Integer> outputs) {
    /** Copies the lists. */
    public BlockCall {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }

    /**
     * @return for example {@code B4.t2} or {@code gate4.t2}
     */
    public String label() {
      return (gate ? "gate" : "B") + block + ".t" + iteration;
    }
  }

  /**
   * @param id of a node
   * @return the node
   */
  public Node node(int id) {
    return nodes.get(id);
  }

  /**
   * @return a line per node, then the results
   */
  @Override
  public String toString() {
    return nodes.stream().map(node -> node + "\n").collect(Collectors.joining())
        + outputs.stream().map(id -> "%" + id).collect(Collectors.joining(", ", "return ", "\n"));
  }
}
