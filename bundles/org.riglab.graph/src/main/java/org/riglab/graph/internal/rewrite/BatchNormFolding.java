package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;

/**
 * Folds batch norm that uses its running statistics into the convolution in front of it: with s =
 * weight / sqrt(running_var + epsilon) per channel, the convolution's weights become w * s and its
 * bias becomes bias + (b - running_mean) * s. These are computed in the graph, from the parameters
 * themselves: they follow when parameters change. Only where nothing else reads the convolution's
 * result. Not for exports: weights that are parameters under their names would become results.
 */
public final class BatchNormFolding implements Rewrite {
  private static final int ALL = 5; // x, running mean, running variance, weight, bias

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    int[] readers = Rewriter.readers(graph);
    Set<Integer> folded = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (folds(graph, node, readers)) {
        folded.add(node.inputs().get(0));
      }
    }
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.BatchNorm norm && folded.contains(node.inputs().get(0))) {
        fold(rewriter, graph, node, norm);
      } else if (!folded.contains(node.id())) {
        rewriter.keep(node.id());
      }
    }
    return rewriter.result();
  }

  private static boolean folds(Graph graph, Node node, int[] readers) {
    if (!(node.op() instanceof Op.BatchNorm norm)
        || norm.training()
        || node.inputs().size() != ALL) {
      return false;
    }
    Node before = graph.node(node.inputs().get(0));
    return before.op() instanceof Op.Convolution
        && readers[before.id()] == 1
        && node.type() == DataType.FLOAT32
        && before.inputs().stream().allMatch(id -> graph.node(id).type() == DataType.FLOAT32);
  }

  private static void fold(Rewriter rewriter, Graph graph, Node node, Op.BatchNorm norm) {
    Node convolution = graph.node(node.inputs().get(0));
    List<Integer> in = node.inputs().stream().map(rewriter::place).toList();
    List<Integer> before = convolution.inputs().stream().map(rewriter::place).toList();
    List<Long> weights = graph.node(convolution.inputs().get(1)).shape();
    List<Long> channels = weights.subList(0, 1);
    List<Long> column = new ArrayList<>(channels);
    column.addAll(Collections.nCopies(weights.size() - 1, 1L));

    Adder adder =
        (function, numbers, shape, inputs) ->
            rewriter.add(new Op.Pointwise(function, numbers), List.of(inputs), shape, node.where());
    int variance = adder.add("add", List.of(norm.epsilon()), channels, in.get(2));
    int deviation = adder.add("sqrt", List.of(), channels, variance);
    int scale = adder.add("div", List.of(), channels, in.get(3), deviation);
    int perFilter = rewriter.add(new Op.Reshape(), List.of(scale), column, node.where());
    int weight = adder.add("mul", List.of(), weights, before.get(1), perFilter);
    int mean =
        before.size() > 2
            ? adder.add("sub", List.of(), channels, in.get(1), before.get(2))
            : in.get(1);
    int shift = adder.add("mul", List.of(), channels, mean, scale);
    int bias = adder.add("sub", List.of(), channels, in.get(4), shift);
    rewriter.replace(node.id(), convolution.op(), List.of(before.get(0), weight, bias));
  }

  private interface Adder {
    int add(String function, List<Double> numbers, List<Long> shape, Integer... inputs);
  }
}
