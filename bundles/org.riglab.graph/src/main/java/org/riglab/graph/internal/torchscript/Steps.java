package org.riglab.graph.internal.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.rewrite.Rewrites;

/**
 * A pass of evaluation in steps, one per prediction. An operation belongs to the first prediction
 * that depends on it. A step reads values that were prepared and results of earlier steps.
 */
final class Steps {
  private static final int NO_STEP = 0;

  private final Graph graph;
  private final List<Step> steps = new ArrayList<>();

  /**
   * The program of one prediction.
   *
   * @param code of a method of {@code image} and the lists {@code p} and {@code c}
   * @param reads ids of the members of {@code c}
   * @param results ids of what it returns
   */
  record Step(String code, List<Integer> reads, List<Integer> results) {}

  /**
   * @param sizes the pass, with types and layouts chosen
   * @param prepared ids of the values that depend on parameters alone
   * @param parameter code for a parameter, from its name in the state dict
   */
  Steps(Sizes sizes, List<Integer> prepared, UnaryOperator<String> parameter) {
    graph = sizes.first();
    int[] step = assign(graph);
    // sides are numbers: an array that could be asked for them may be another step's
    Script script = new Script(sizes, false, id -> true, parameter);
    List<List<Integer>> reads = new ArrayList<>();
    Set<Integer> handed = new LinkedHashSet<>(graph.outputs());
    for (int t = 1; t <= graph.outputs().size(); t++) {
      int current = t;
      List<Integer> free = script.free(id -> step[id] == current);
      reads.add(free);
      handed.addAll(free);
    }
    handed.removeAll(prepared);
    for (int t = 1; t <= graph.outputs().size(); t++) {
      int current = t;
      List<Integer> results = handed.stream().filter(id -> step[id] == current).toList();
      List<Integer> free = reads.get(t - 1);
      String code = String.join("\n", script.method(id -> step[id] == current, free, "c", results));
      steps.add(new Step(code, free, results));
    }
  }

  /**
   * The step of each node, 1 for the first; {@link #NO_STEP} for what depends on parameters alone.
   */
  private static int[] assign(Graph graph) {
    int[] step = new int[graph.nodes().size()];
    Arrays.fill(step, Integer.MAX_VALUE);
    for (int t = 1; t <= graph.outputs().size(); t++) {
      int output = graph.outputs().get(t - 1);
      step[output] = Math.min(step[output], t);
    }
    for (int id = step.length - 1; id >= 0; id--) {
      for (int input : graph.node(id).inputs()) {
        step[input] = Math.min(step[input], step[id]);
      }
    }
    boolean[] fixed = Rewrites.fixed(graph);
    for (Node node : graph.nodes()) {
      if (fixed[node.id()]) {
        step[node.id()] = NO_STEP;
      } else if (node.op() instanceof Kernel.Part) {
        step[node.id()] = step[node.inputs().get(0)];
      }
    }
    return step;
  }

  int count() {
    return steps.size();
  }

  /**
   * @param t 1 for the first prediction
   */
  Step step(int t) {
    return steps.get(t - 1);
  }

  /** The id of a prediction's logits. */
  int output(int t) {
    return graph.outputs().get(t - 1);
  }
}
