package org.riglab.graph.internal.rewrite;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.ir.Values;

/**
 * Computes beforehand what depends on constants alone. Arithmetic is folded where its result is
 * rounded correctly, so that folding changes no bit; arrays that are not one value everywhere up to
 * a number of elements.
 */
public final class ConstantFolding implements Rewrite {
  private static final long MOST = 1 << 16;

  private static final Map<String, DoubleUnaryOperator> UNARY =
      Map.of(
          "neg", x -> -x,
          "abs", Math::abs,
          "square", x -> x * x,
          "floor", Math::floor,
          "ceil", Math::ceil,
          "relu", x -> Double.isNaN(x) ? x : Math.max(x, 0),
          "copy", x -> x);

  private static final Map<String, DoubleBinaryOperator> BINARY =
      Map.of(
          "add", (x, y) -> x + y,
          "sub", (x, y) -> x - y,
          "mul", (x, y) -> x * y,
          "div", (x, y) -> x / y,
          "rsub", (x, y) -> y - x,
          "maximum", Math::max,
          "minimum", Math::min);

  @Override
  public Sizes apply(Sizes sizes) {
    Graph graph = sizes.first();
    Op[] constants = new Op[graph.nodes().size()];
    Rewriter rewriter = new Rewriter(sizes);
    for (Node node : graph.nodes()) {
      int id = node.id();
      constants[id] = constant(node.op()) ? node.op() : folded(sizes, node, constants);
      if (constants[id] == null || constants[id] == node.op()) {
        rewriter.keep(id);
      } else {
        rewriter.replace(id, constants[id], List.of());
      }
    }
    return rewriter.result();
  }

  private static boolean constant(Op op) {
    return op instanceof Op.Fill || op instanceof Op.Literal;
  }

  /** A node as a constant; null if it is none, or not folded. */
  private static Op folded(Sizes sizes, Node node, Op... constants) {
    List<Integer> in = node.inputs();
    if (in.isEmpty() || in.stream().anyMatch(id -> constants[id] == null)) {
      return null;
    }
    Graph graph = sizes.first();
    List<Operand> operands =
        in.stream().map(id -> new Operand(graph.node(id), constants[id])).toList();
    Function function = function(node);
    if (in.stream().allMatch(id -> constants[id] instanceof Op.Fill)) {
      if (moves(node.op())) {
        return constants[in.get(0)];
      }
      return function == null ? null : new Op.Fill(function.at(operands, node, List.of()));
    }
    if (node.elements() > MOST
        || !Rewriter.fixed(sizes, node.id())
        || !in.stream().allMatch(id -> Rewriter.fixed(sizes, id))) {
      return null;
    } else if (node.op() instanceof Op.Reshape || node.op() instanceof Op.Detach) {
      return constants[in.get(0)];
    } else if (node.op() instanceof Op.Transpose op) {
      return literal(node, index -> operands.get(0).at(operandIndex(op, index)));
    }
    return function == null ? null : literal(node, index -> function.at(operands, node, index));
  }

  /** Whether one value everywhere stays one value everywhere. */
  private static boolean moves(Op op) {
    return op instanceof Op.Detach
        || op instanceof Op.Reshape
        || op instanceof Op.Transpose
        || op instanceof Op.Slice
        || op instanceof Op.Broadcast
        || op instanceof Op.Tile;
  }

  private static List<Long> operandIndex(Op.Transpose op, List<Long> index) {
    List<Long> operand = new ArrayList<>(index);
    for (int axis = 0; axis < index.size(); axis++) {
      operand.set(op.order().get(axis), index.get(axis));
    }
    return operand;
  }

  private static Op.Literal literal(Node node, ToDoubleFunction<List<Long>> value) {
    double[] values = new double[Math.toIntExact(node.elements())];
    for (int i = 0; i < values.length; i++) {
      List<Long> index = new ArrayList<>(node.shape());
      long rest = i;
      for (int axis = index.size() - 1; axis >= 0; axis--) {
        index.set(axis, rest % node.shape().get(axis));
        rest /= node.shape().get(axis);
      }
      values[i] = value.applyAsDouble(index);
    }
    return new Op.Literal(new Values(values));
  }

  private static double rounded(double value, DataType type) {
    return type == DataType.FLOAT32 ? (float) value : value;
  }

  /** A constant of a shape. */
  private record Operand(Node node, Op op) {
    /** The value at an index of what the operand is broadcast to; any if it is even. */
    double at(List<Long> index) {
      if (op instanceof Op.Fill fill) {
        return rounded(fill.value(), node.type());
      }
      long place = 0;
      for (int axis = 0; axis < node.shape().size(); axis++) {
        long side = node.shape().get(axis);
        long at = index.get(index.size() - node.shape().size() + axis);
        place = place * side + (side == 1 ? 0 : at);
      }
      return rounded(((Op.Literal) op).values().get((int) place), node.type());
    }
  }

  /** Arithmetic on arrays and then plain numbers. */
  private record Function(DoubleBinaryOperator operator, List<Double> numbers) {
    double at(List<Operand> operands, Node node, List<Long> index) {
      List<Double> values = new ArrayList<>();
      operands.forEach(operand -> values.add(rounded(operand.at(index), node.type())));
      numbers.forEach(number -> values.add(rounded(number, node.type())));
      double last = values.get(values.size() - 1);
      return rounded(operator.applyAsDouble(values.get(0), last), node.type());
    }
  }

  private static Function function(Node node) {
    if (node.type() != DataType.FLOAT32 && node.type() != DataType.FLOAT64) {
      return null;
    } else if (node.op() instanceof Op.Cast) {
      return new Function((x, same) -> x, List.of());
    } else if (!(node.op() instanceof Op.Pointwise op)) {
      return null;
    } else {
      return function(op, node.inputs().size());
    }
  }

  private static Function function(Op.Pointwise op, int operands) {
    int arity = operands + op.numbers().size();
    DoubleUnaryOperator one = UNARY.get(op.function());
    DoubleBinaryOperator two = BINARY.get(op.function());
    if (arity == 1 && one != null) {
      return new Function((x, same) -> one.applyAsDouble(x), op.numbers());
    }
    return arity == 2 && two != null ? new Function(two, op.numbers()) : null;
  }
}
