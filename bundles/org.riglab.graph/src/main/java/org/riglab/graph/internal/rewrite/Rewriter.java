package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Passes;
import org.riglab.graph.internal.ir.Where;

/**
 * Makes a computation anew from another one, operation by operation and in step at all sizes.
 * Whatever reads an operation that was replaced reads what replaced it.
 */
final class Rewriter {
  private static final int GONE = -1;

  private final Passes before;
  private final List<List<Node>> after;
  private final int[] places;

  Rewriter(Passes before) {
    this.before = before;
    this.after = before.graphs().stream().<List<Node>>map(graph -> new ArrayList<>()).toList();
    this.places = new int[before.first().nodes().size()];
    Arrays.fill(places, GONE);
  }

  /** The new id of an old one's replacement. */
  int place(int old) {
    return places[old];
  }

  /** An old node as it would be now, at every size. */
  List<Node> now(int old) {
    return before.graphs().stream()
        .map(
            graph -> {
              Node node = graph.node(old);
              List<Integer> inputs = node.inputs().stream().map(this::place).toList();
              return new Node(
                  after.get(0).size(), node.op(), inputs, node.type(), node.shape(), node.where());
            })
        .toList();
  }

  /** Takes an old node over. */
  void keep(int old) {
    List<Node> nodes = now(old);
    IntStream.range(0, nodes.size()).forEach(i -> after.get(i).add(nodes.get(i)));
    places[old] = nodes.get(0).id();
  }

  /** Puts another operation, on new operands, in an old node's place. */
  void replace(int old, Op op, List<Integer> inputs) {
    for (int i = 0; i < after.size(); i++) {
      Node node = before.graphs().get(i).node(old);
      add(i, op, inputs, node.type(), node.shape(), node.where());
    }
    places[old] = after.get(0).size() - 1;
  }

  /** Lets what reads an old node read a new one. */
  void redirect(int old, int place) {
    places[old] = place;
  }

  /**
   * Adds an operation on parameters.
   *
   * @return its id
   */
  int add(Op op, List<Integer> inputs, List<Long> shape, Where where) {
    for (int i = 0; i < after.size(); i++) {
      add(i, op, inputs, DataType.FLOAT32, shape, where);
    }
    return after.get(0).size() - 1;
  }

  private void add(
      int graph, Op op, List<Integer> inputs, DataType type, List<Long> shape, Where where) {
    List<Node> nodes = after.get(graph);
    nodes.add(new Node(nodes.size(), op, inputs, type, shape, where));
  }

  /** What was made; runs forget the operands and results that are gone. */
  Passes result() {
    return new Passes(
        IntStream.range(0, after.size())
            .mapToObj(
                i -> {
                  Graph graph = before.graphs().get(i);
                  return new Graph(
                      after.get(i),
                      graph.runs().stream().map(this::moved).toList(),
                      moved(graph.outputs()));
                })
            .toList());
  }

  private Graph.Run moved(Graph.Run run) {
    return new Graph.Run(
        run.gate(), run.block(), run.iteration(), moved(run.inputs()), moved(run.outputs()));
  }

  private List<Integer> moved(List<Integer> ids) {
    return ids.stream().map(this::place).filter(id -> id != GONE).toList();
  }

  /**
   * @return how many operations read each node; being a result counts as one
   */
  static int[] readers(Graph graph) {
    int[] readers = new int[graph.nodes().size()];
    graph.outputs().forEach(id -> readers[id]++);
    graph.nodes().forEach(node -> node.inputs().forEach(id -> readers[id]++));
    return readers;
  }

  /** Whether an operation, besides having a result, changes its operands. */
  static boolean updates(Node node) {
    return node.op() instanceof Op.BatchNorm norm && norm.training();
  }

  /** Operands that some operation of the computation changes. */
  static List<Integer> updated(Graph graph) {
    return graph.nodes().stream()
        .filter(Rewriter::updates)
        .flatMap(node -> node.inputs().subList(1, 3).stream())
        .distinct()
        .toList();
  }

  /** Whether an operation has one shape at all sizes. */
  static boolean fixed(Passes passes, int id) {
    List<Long> shape = passes.first().node(id).shape();
    return passes.graphs().stream()
        .allMatch(graph -> Objects.equals(graph.node(id).shape(), shape));
  }
}
