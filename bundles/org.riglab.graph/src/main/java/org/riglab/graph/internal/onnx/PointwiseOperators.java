package org.riglab.graph.internal.onnx;

import static org.riglab.graph.internal.onnx.OnnxWriter.real;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Writes functions that are computed element by element as ONNX operators. */
final class PointwiseOperators {
  private static final Map<String, String> UNARY =
      names(
          "relu sigmoid tanh softPlus=Softplus neg abs sqrt floor ceil round exp log sin cos tan",
          "asin acos atan sinh cosh asinh acosh atanh erf sign logicalNot=Not isNaN=IsNaN",
          "copy=Identity");
  private static final Map<String, String> BINARY =
      names("add sub mul div pow maximum=Max minimum=Min prelu=PRelu");
  private static final Map<String, String> COMPARED =
      names("eq=Equal gt=Greater gte=GreaterOrEqual lt=Less lte=LessOrEqual");
  private static final Map<String, String> LOGICAL =
      names("logicalAnd=And logicalOr=Or logicalXor=Xor");

  private final Graph graph;
  private final Map<Integer, String> names;
  private final OnnxWriter out;

  /**
   * @param graph of the functions
   * @param names of the values of its nodes
   * @param out gets the operators
   */
  PointwiseOperators(Graph graph, Map<Integer, String> names, OnnxWriter out) {
    this.graph = graph;
    this.names = names;
    this.out = out;
  }

  private static Map<String, String> names(String... words) {
    Map<String, String> names = new HashMap<>();
    for (String word : String.join(" ", words).split(" ")) {
      String[] pair = word.split("=");
      String name = pair[pair.length - 1];
      names.put(pair[0], Character.toUpperCase(name.charAt(0)) + name.substring(1));
    }
    return names;
  }

  String of(Node node, Op.Pointwise op) {
    String function = op.function();
    List<Integer> in = node.inputs();
    List<Double> numbers = op.numbers();
    DataType type = in.stream().map(id -> graph.node(id).type()).reduce(this::wider).orElseThrow();
    if (numbers.stream().anyMatch(value -> value != Math.rint(value)) && !type.isFloating()) {
      type = DataType.FLOAT32;
    }
    if (node.type() != DataType.BOOLEAN) {
      type = node.type();
    }
    if (function.equals("where")) {
      return out.emit(
          "Where",
          List.of(
              out.cast(names.get(in.get(0)), DataType.BOOLEAN),
              as(in.get(1), type),
              as(in.get(2), type)));
    }
    DataType operandType = type;
    List<String> operands = new ArrayList<>();
    for (int id : in) {
      operands.add(as(id, LOGICAL.containsKey(function) ? DataType.BOOLEAN : type));
    }
    String x = operands.get(0);
    if (UNARY.containsKey(function) && operands.size() == 1 && numbers.isEmpty()) {
      return out.emit(UNARY.get(function), operands);
    } else if (function.equals("leakyRelu")) {
      return out.emit("LeakyRelu", operands, real("alpha", numbers.get(0)));
    } else if (function.equals("elu")) {
      return out.emit("Elu", operands, real("alpha", numbers.get(0)));
    } else if (function.equals("square")) {
      return out.emit("Mul", List.of(x, x));
    } else if (function.equals("gelu")) {
      String half = out.emit("Mul", List.of(x, out.scalar(type, 0.5)));
      String erf =
          out.emit("Erf", List.of(out.emit("Div", List.of(x, out.scalar(type, Math.sqrt(2))))));
      return out.emit("Mul", List.of(half, out.emit("Add", List.of(erf, out.scalar(type, 1)))));
    }
    numbers.forEach(value -> operands.add(out.scalar(operandType, value)));
    return withNumbers(node, function, operands);
  }

  /** Functions of which an operand may be a number. */
  private String withNumbers(Node node, String function, List<String> operands) {
    if (function.equals("clip") && operands.size() == 3) {
      return out.emit("Clip", operands);
    } else if (operands.size() == 2) {
      if (BINARY.containsKey(function)) {
        return out.emit(BINARY.get(function), operands);
      } else if (COMPARED.containsKey(function)) {
        return out.emit(COMPARED.get(function), operands);
      } else if (LOGICAL.containsKey(function)) {
        return out.emit(LOGICAL.get(function), operands);
      } else if (function.equals("neq")) {
        return out.emit("Not", List.of(out.emit("Equal", operands)));
      } else if (function.startsWith("r") && BINARY.containsKey(function.substring(1))) {
        Collections.reverse(operands);
        return out.emit(BINARY.get(function.substring(1)), operands);
      }
    }
    throw Operators.refused(node, function);
  }

  private DataType wider(DataType a, DataType b) {
    if (a.isFloating() != b.isFloating()) {
      return a.isFloating() ? a : b;
    }
    return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
  }

  private String as(int id, DataType type) {
    return graph.node(id).type() == type ? names.get(id) : out.cast(names.get(id), type);
  }
}
