package org.riglab.graph.internal.backward;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Types;
import org.riglab.graph.internal.ir.Where;
import org.riglab.graph.internal.rewrite.Rewriter;

/** Adds the operations of a backward pass behind those of the forward pass. */
final class Tape {
  private final Rewriter rewriter;
  private Where where = Where.OUTSIDE;

  Tape(Rewriter rewriter) {
    this.rewriter = rewriter;
  }

  /** Where the operations belong that are added from now on. */
  void at(Where place) {
    where = place;
  }

  Node node(int id) {
    return rewriter.node(id);
  }

  DataType type(int id) {
    return node(id).type();
  }

  List<Long> shape(int id) {
    return node(id).shape();
  }

  int add(Op op, DataType type, List<Long> shape, Integer... inputs) {
    return rewriter.add(op, List.of(inputs), type, shape, where);
  }

  int add(Op op, DataType type, List<Long> shape, List<Integer> inputs) {
    return rewriter.add(op, inputs, type, shape, where);
  }

  /** Adds an operation whose result has the layout of another array. */
  int addLike(Op op, DataType type, Node like, Integer... inputs) {
    return rewriter.add(op, List.of(inputs), type, like.shape(), like.layout(), where);
  }

  /** Another result of an operation. */
  int part(int id, int index, DataType type, List<Long> shape) {
    return add(new Kernel.Part(index), type, shape, id);
  }

  /** A function of arrays and then numbers, with the engine's rules for type and shape. */
  int pointwise(String function, List<Double> numbers, Integer... inputs) {
    List<Node> operands = Stream.of(inputs).map(this::node).toList();
    List<Long> shape = operands.get(0).shape();
    for (Node operand : operands) {
      shape = broadcast(shape, operand.shape());
    }
    DataType type = Types.pointwise(function, operands);
    return add(new Op.Pointwise(function, numbers), type, shape, inputs);
  }

  int apply(String function, Integer... inputs) {
    return pointwise(function, List.of(), inputs);
  }

  int with(String function, int x, double number) {
    return pointwise(function, List.of(number), x);
  }

  /** The same values in a type. */
  int cast(int id, DataType type) {
    return type(id) == type ? id : add(new Op.Cast(), type, shape(id), id);
  }

  int reshape(int id, List<Long> shape) {
    return shape(id).equals(shape) ? id : add(new Op.Reshape(), type(id), shape, id);
  }

  int transpose(int id, List<Integer> order) {
    List<Long> shape = shape(id);
    return add(new Op.Transpose(order), type(id), order.stream().map(shape::get).toList(), id);
  }

  /** With its last two axes exchanged. */
  int turned(int id) {
    List<Integer> order = new ArrayList<>();
    int rank = shape(id).size();
    for (int axis = 0; axis < rank - 2; axis++) {
      order.add(axis);
    }
    order.addAll(List.of(rank - 1, rank - 2));
    return transpose(id, order);
  }

  /** Matrix product of arrays with two or more axes. */
  int product(int a, int b) {
    List<Long> left = shape(a);
    List<Long> right = shape(b);
    int rank = left.size();
    List<Long> shape =
        new ArrayList<>(broadcast(left.subList(0, rank - 2), right.subList(0, right.size() - 2)));
    shape.add(left.get(rank - 2));
    shape.add(right.get(right.size() - 1));
    return add(new Op.MatMul(), type(a), shape, a, b);
  }

  /** Summed over axes that stay as axes of size 1. */
  int sum(int id, List<Integer> axes) {
    List<Long> shape = new ArrayList<>(shape(id));
    axes.forEach(axis -> shape.set(axis, 1L));
    return add(new Op.Reduce("sum", axes), type(id), shape, id);
  }

  /** Summed over the axes along which an array of a shape was repeated. */
  int sumTo(int id, List<Long> shape) {
    List<Long> wide = shape(id);
    int more = wide.size() - shape.size();
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < wide.size(); axis++) {
      if (axis < more || shape.get(axis - more) == 1 && wide.get(axis) != 1) {
        axes.add(axis);
      }
    }
    return axes.isEmpty() ? id : reshape(sum(id, axes), shape);
  }

  int slice(int id, List<Long> start, List<Long> shape) {
    List<Long> step = start.stream().map(from -> 1L).toList();
    return add(new Op.Slice(start, step), type(id), shape, id);
  }

  /** In row-by-row order or with channels last. */
  int arrange(int id, Layout layout) {
    Node node = node(id);
    return rewriter.add(
        new Kernel.Arrange(), List.of(id), node.type(), node.shape(), layout, where);
  }

  private static List<Long> broadcast(List<Long> a, List<Long> b) {
    List<Long> longer = new ArrayList<>(a.size() >= b.size() ? a : b);
    List<Long> shorter = a.size() >= b.size() ? b : a;
    int more = longer.size() - shorter.size();
    for (int axis = 0; axis < shorter.size(); axis++) {
      if (longer.get(more + axis) == 1) {
        longer.set(more + axis, shorter.get(axis));
      }
    }
    return longer;
  }
}
