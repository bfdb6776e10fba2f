package org.riglab.graph.internal.analysis;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Depth of a graph: convolutions on its longest paths. */
public final class Paths {
  private static final int UNREACHED = -1;

  private Paths() {}

  /**
   * @param graph of a pass
   * @param gates whether convolutions of gates count
   * @return the most convolutions on a path from an input of the graph to its last output
   */
  public static int longest(Graph graph, boolean gates) {
    int[] depth = new int[graph.nodes().size()];
    for (Node node : graph.nodes()) {
      boolean counts =
          gates || node.where().run() < 0 || !graph.runs().get(node.where().run()).gate();
      depth[node.id()] = node.op() instanceof Op.Input ? 0 : step(depth, node, counts);
    }
    return Math.max(0, depth[graph.outputs().get(graph.outputs().size() - 1)]);
  }

  /**
   * @param graph of a pass
   * @param run index in its list
   * @return the most convolutions on a path from what goes into the run to what comes out of it
   */
  public static int through(Graph graph, int run) {
    int[] depth = new int[graph.nodes().size()];
    Arrays.fill(depth, UNREACHED);
    graph.runs().get(run).inputs().forEach(input -> depth[input] = 0);
    for (Node node : graph.nodes()) {
      if (node.where().run() == run) {
        depth[node.id()] = step(depth, node, true);
      }
    }
    return Math.max(
        0, graph.runs().get(run).outputs().stream().mapToInt(id -> depth[id]).max().orElse(0));
  }

  private static int step(int[] depth, Node node, boolean counts) {
    int before = node.inputs().stream().mapToInt(input -> depth[input]).max().orElse(UNREACHED);
    boolean convolution = node.op() instanceof Op.Convolution;
    return before == UNREACHED ? UNREACHED : before + (convolution && counts ? 1 : 0);
  }

  /**
   * The paper's effective depth: sequential l_f + l_r * u; parallel l_f + (l_r - l_rk) + l_rk * u
   * (l_f convolutions outside of the gated blocks, l_r inside, l_rk in the last gated one).
   *
   * @param spec which strategy, feedback and u
   * @param layers convolutions on the main path through each block, B1 first
   * @return the depth; empty for strategies that the paper has no formula for
   */
  public static Optional<Integer> paper(NetworkSpec spec, List<Integer> layers) {
    List<Integer> gated = spec.feedback();
    int all = layers.stream().mapToInt(Integer::intValue).sum();
    int inside = gated.stream().mapToInt(block -> layers.get(block - 1)).sum();
    int last = gated.isEmpty() ? 0 : layers.get(gated.get(gated.size() - 1) - 1);
    int again = spec.iterations() - 1;
    return switch (spec.unroll().name()) {
      case "feed-forward" -> Optional.of(all);
      case "sequential" -> Optional.of(all + inside * again);
      case "parallel", "parallel-multi-range" -> Optional.of(all + last * again);
      default -> Optional.empty();
    };
  }
}
