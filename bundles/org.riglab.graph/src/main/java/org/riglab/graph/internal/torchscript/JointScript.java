package org.riglab.graph.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.riglab.graph.internal.backward.Joint;
import org.riglab.graph.internal.ir.Sizes;

/**
 * A joint graph as two methods of {@code image} and the parameters {@code p}.
 *
 * @param forward returns results, then what is kept
 * @param backward gets what is kept as {@code s} and gradients of the results as {@code g}; returns
 *     the image alone
 */
record JointScript(String forward, String backward) {
  /**
   * @param joint the graph
   * @param parameter code for a parameter, from its name in the state dict
   * @return its code
   */
  static JointScript of(Joint joint, UnaryOperator<String> parameter) {
    Script script =
        new Script(
            new Sizes(List.of(joint.graph())), false, id -> id >= joint.boundary(), parameter);
    List<Integer> saved = script.free(id -> !joint.forward(id)).stream().sorted().toList();
    List<Integer> results = new ArrayList<>(joint.graph().outputs());
    results.addAll(saved);
    List<String> forward = script.method(joint::forward, List.of(), "", results);
    List<String> backward = script.method(id -> !joint.forward(id), saved, "s", List.of());
    backward.set(backward.size() - 1, "return [image]");
    return new JointScript(String.join("\n", forward), String.join("\n", backward));
  }
}
