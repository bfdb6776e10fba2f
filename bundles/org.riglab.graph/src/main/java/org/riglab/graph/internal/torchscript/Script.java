package org.riglab.graph.internal.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/** Writes a graph, or a part of it, as the lines of a TorchScript method. */
final class Script {
  private final Graph graph;
  private final Names names;
  private final OpCode code;
  private final Set<Integer> recorded;

  /**
   * @param sizes what to compute; types and layouts are written as they are
   * @param engine whether the engine goes back through the pass
   * @param plain for which nodes sides are written as numbers
   * @param parameter code for a parameter, from its name in the state dict
   */
  Script(Sizes sizes, boolean engine, IntPredicate plain, UnaryOperator<String> parameter) {
    graph = sizes.first();
    names = new Names(graph, parameter);
    recorded =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Kernel.Part)
            .map(node -> node.inputs().get(0))
            .collect(Collectors.toSet());
    Dimensions dimensions = new Dimensions(sizes, names, plain);
    code = new OpCode(graph, names, dimensions, new Reuse(graph, engine), recorded);
  }

  /**
   * @param sizes the same computation at several sizes
   * @param parameter code for a parameter, from its name in the state dict
   * @return lines in float32 that are right for every size, of operations that older PyTorch has
   * @throws RigException if an operation has no counterpart, or numbers in it depend on the size;
   *     names it
   */
  static List<String> portable(Sizes sizes, UnaryOperator<String> parameter) {
    List<String> lines = whole(sizes, parameter);
    for (Sizes other : sizes.others()) {
      List<String> those = whole(other, parameter);
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).equals(those.get(i))) {
          throw new RigException(
              "cannot be exported for images of any size: '%s' would be '%s' at another size"
                  .formatted(lines.get(i), those.get(i)));
        }
      }
    }
    return lines;
  }

  /**
   * @param sizes what to compute
   * @param parameter code for a parameter, from its name in the state dict
   * @return a method that the engine can go back through; returns the graph's results
   */
  static List<String> whole(Sizes sizes, UnaryOperator<String> parameter) {
    Script script = new Script(sizes, true, id -> false, parameter);
    return script.method(id -> true, List.of(), "", sizes.first().outputs());
  }

  /** Whether a name is given from outside. */
  boolean given(int id) {
    return names.given(id);
  }

  /**
   * @param part which nodes are computed
   * @return ids of what these read of others, names that are given left out; each array once
   */
  List<Integer> free(IntPredicate part) {
    Set<String> known = new LinkedHashSet<>();
    List<Integer> free = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (part.test(node.id())) {
        for (int id : node.inputs()) {
          if (!part.test(id) && !names.given(id) && known.add(names.of(id))) {
            free.add(id);
          }
        }
      }
    }
    return free;
  }

  /**
   * @param part which nodes are computed
   * @param given ids of what others have computed
   * @param list name of the list that holds it
   * @param results ids of what is returned
   * @return lines that end with the return of a list of tensors
   */
  List<String> method(IntPredicate part, List<Integer> given, String list, List<Integer> results) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      lines.add("%s = %s[%d]".formatted(names.of(given.get(i)), list, i));
    }
    for (Node node : graph.nodes()) {
      if (part.test(node.id()) && !names.given(node.id()) && !(node.op() instanceof Kernel.Part)) {
        String line = left(node) + " = " + node.op().accept(code, node);
        lines.addAll(List.of(line.split("\n")));
      }
    }
    lines.add(results.stream().map(names::of).collect(Collectors.joining(", ", "return [", "]")));
    return lines;
  }

  /** What a line defines: all results of an operation if further ones are read. */
  private String left(Node node) {
    String name = names.of(node.id());
    if (!recorded.contains(node.id())) {
      return several(node.op()) ? "%1$s, %1$s_1, %1$s_2".formatted(name) : name;
    }
    boolean two = node.op() instanceof Op.Pool || node.op() instanceof Op.Dropout;
    return (two ? "%1$s, %1$s_1" : "%1$s, %1$s_1, %1$s_2").formatted(name);
  }

  /** Whether a kernel always has three results. */
  private static boolean several(Op op) {
    return op instanceof Kernel.ConvolutionBackward
        || op instanceof Kernel.BatchNormBackward
        || op instanceof Kernel.LayerNormBackward;
  }
}
