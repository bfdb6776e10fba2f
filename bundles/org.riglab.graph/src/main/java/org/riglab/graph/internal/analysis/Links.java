package org.riglab.graph.internal.analysis;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Which runs of blocks and gates feed which: the graph condensed. */
final class Links {
  /** What stands for the graph's inputs. */
  static final int IMAGE = -1;

  private final Graph graph;

  Links(Graph graph) {
    this.graph = graph;
  }

  /** Where a run's feature, and what it uses of what is carried along, come from. */
  List<Integer> inputs(int run) {
    Graph.BlockCall what = graph.runs().get(run);
    SortedSet<Integer> sources = new TreeSet<>();
    last(what.inputs().get(0), run, sources);
    if (!what.gate()) {
      what.inputs().stream()
          .skip(1)
          .filter(carried -> uses(run, carried))
          .forEach(carried -> made(carried, sources));
    }
    return List.copyOf(sources);
  }

  /** Where a gate's feedback comes from. */
  List<Integer> feedback(int run) {
    Graph.BlockCall what = graph.runs().get(run);
    SortedSet<Integer> sources = new TreeSet<>();
    if (what.gate()) {
      what.inputs().stream().skip(1).forEach(input -> last(input, run, sources));
    }
    return List.copyOf(sources);
  }

  /** Where a result of the graph comes from. */
  List<Integer> output(int index) {
    SortedSet<Integer> sources = new TreeSet<>();
    last(graph.outputs().get(index), graph.runs().size(), sources);
    return List.copyOf(sources);
  }

  private boolean uses(int run, int id) {
    return graph.nodes().stream()
        .anyMatch(node -> node.where().run() == run && node.inputs().contains(id));
  }

  /** The last run before another whose feature an array is, even if it made it not. */
  private void last(int id, int before, SortedSet<Integer> sources) {
    for (int run = before - 1; run >= 0; run--) {
      if (graph.runs().get(run).outputs().get(0) == id) {
        sources.add(run);
        return;
      }
    }
    Node node = graph.node(id);
    if (node.op() instanceof Op.Input) {
      sources.add(IMAGE);
    } else if (node.where().run() >= 0) {
      sources.add(node.where().run());
    } else {
      node.inputs().forEach(input -> last(input, before, sources));
    }
  }

  private void made(int id, SortedSet<Integer> sources) {
    Node node = graph.node(id);
    if (node.op() instanceof Op.Input) {
      sources.add(IMAGE);
    } else if (node.where().run() >= 0) {
      sources.add(node.where().run());
    } else {
      node.inputs().forEach(input -> made(input, sources));
    }
  }
}
