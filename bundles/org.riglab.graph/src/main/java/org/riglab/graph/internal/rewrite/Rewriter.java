package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.ir.Where;

/**
 * Makes a computation anew from another one, operation by operation and in step at all sizes.
 * Whatever reads an operation that was replaced reads what replaced it.
 */
public final class Rewriter {
  private static final int GONE = -1;

  private final Sizes before;
  private final List<List<Node>> after;
  private final int[] places;

  /**
   * @param before the computation
   */
  public Rewriter(Sizes before) {
    this.before = before;
    this.after = before.graphs().stream().<List<Node>>map(graph -> new ArrayList<>()).toList();
    this.places = new int[before.first().nodes().size()];
    Arrays.fill(places, GONE);
  }

  /**
   * @param old id of a node before
   * @return the id of what stands for it now
   */
  public int place(int old) {
    return places[old];
  }

  /**
   * @param old ids of nodes before
   * @return the ids of what stands for them now
   */
  public List<Integer> places(List<Integer> old) {
    return old.stream().map(this::place).toList();
  }

  /**
   * @param id of a new node
   * @return the node, as the first size has it
   */
  public Node node(int id) {
    return after.get(0).get(id);
  }

  /** An old node as it would be now, at every size. */
  List<Node> now(int old) {
    return before.graphs().stream().map(graph -> now(graph.node(old))).toList();
  }

  private Node now(Node node) {
    return new Node(
        after.get(0).size(),
        node.op(),
        places(node.inputs()),
        node.type(),
        node.shape(),
        node.layout(),
        node.where());
  }

  /**
   * Takes an old node over.
   *
   * @param old its id before
   * @return its id now
   */
  public int keep(int old) {
    List<Node> nodes = now(old);
    IntStream.range(0, nodes.size()).forEach(i -> after.get(i).add(nodes.get(i)));
    places[old] = nodes.get(0).id();
    return places[old];
  }

  /** Puts another operation, on new operands, in an old node's place. */
  void replace(int old, Op op, List<Integer> inputs) {
    for (int i = 0; i < after.size(); i++) {
      Node node = before.graphs().get(i).node(old);
      add(i, op, inputs, node.type(), node.shape(), node.layout(), node.where());
    }
    places[old] = after.get(0).size() - 1;
  }

  /**
   * Lets what reads an old node read a new one.
   *
   * @param old id before
   * @param place id now
   */
  public void redirect(int old, int place) {
    places[old] = place;
  }

  /** Adds an operation in float32 whose shape is the same at all sizes; returns its id. */
  int add(Op op, List<Integer> inputs, List<Long> shape, Where where) {
    return add(op, inputs, DataType.FLOAT32, shape, where);
  }

  /**
   * Adds an operation whose shape is the same at all sizes, in the layout that its kernel gives.
   *
   * @param op what it computes
   * @param inputs new ids of its operands
   * @param type of its result
   * @param shape of its result
   * @param where it belongs to
   * @return its id
   */
  public int add(Op op, List<Integer> inputs, DataType type, List<Long> shape, Where where) {
    Layout layout = Layout.of(op, inputs.stream().map(this::node).toList(), shape);
    return add(op, inputs, type, shape, layout, where);
  }

  /**
   * Adds an operation whose shape is the same at all sizes.
   *
   * @param op what it computes
   * @param inputs new ids of its operands
   * @param type of its result
   * @param shape of its result
   * @param layout of its result
   * @param where it belongs to
   * @return its id
   */
  public int add(
      Op op, List<Integer> inputs, DataType type, List<Long> shape, Layout layout, Where where) {
    for (int i = 0; i < after.size(); i++) {
      add(i, op, inputs, type, shape, layout, where);
    }
    return after.get(0).size() - 1;
  }

  private void add(
      int graph,
      Op op,
      List<Integer> inputs,
      DataType type,
      List<Long> shape,
      Layout layout,
      Where where) {
    List<Node> nodes = after.get(graph);
    nodes.add(new Node(nodes.size(), op, inputs, type, shape, layout, where));
  }

  /**
   * @return what was made; runs forget the operands and results that are gone
   */
  public Sizes result() {
    return result(moved(before.first().outputs()));
  }

  /**
   * @param outputs new ids of the results
   * @return what was made; runs forget the operands and results that are gone
   */
  public Sizes result(List<Integer> outputs) {
    return new Sizes(
        IntStream.range(0, after.size())
            .mapToObj(
                i ->
                    new Graph(
                        after.get(i),
                        before.graphs().get(i).runs().stream().map(this::moved).toList(),
                        outputs))
            .toList());
  }

  private Graph.BlockCall moved(Graph.BlockCall run) {
    return new Graph.BlockCall(
        run.gate(), run.block(), run.iteration(), moved(run.inputs()), moved(run.outputs()));
  }

  private List<Integer> moved(List<Integer> ids) {
    return ids.stream().map(this::place).filter(id -> id != GONE).toList();
  }

  /**
   * @param graph a computation
   * @return how many operations read each node; being a result counts as one
   */
  public static int[] readers(Graph graph) {
    int[] readers = new int[graph.nodes().size()];
    graph.outputs().forEach(id -> readers[id]++);
    graph.nodes().forEach(node -> node.inputs().forEach(id -> readers[id]++));
    return readers;
  }

  /**
   * @param node of a graph
   * @return whether it changes something besides having a result: it counts even if nothing reads
   *     it
   */
  public static boolean updates(Node node) {
    return node.op() instanceof Op.BatchNorm norm && norm.updates()
        || node.op() instanceof Kernel.Store
        || node.op() instanceof Kernel.StoreProduct;
  }

  /** Operands that some operation of the computation changes. */
  static List<Integer> updated(Graph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.BatchNorm norm && norm.updates())
        .flatMap(node -> node.inputs().subList(1, 3).stream())
        .distinct()
        .toList();
  }

  /** Whether an operation has one shape at all sizes. */
  static boolean fixed(Sizes sizes, int id) {
    List<Long> shape = sizes.first().node(id).shape();
    return sizes.graphs().stream().allMatch(graph -> Objects.equals(graph.node(id).shape(), shape));
  }
}
