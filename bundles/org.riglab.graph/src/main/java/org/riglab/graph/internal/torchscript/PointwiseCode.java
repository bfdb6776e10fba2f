package org.riglab.graph.internal.torchscript;

import static org.riglab.graph.internal.torchscript.Literals.number;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** Functions that are computed element by element, as TorchScript. */
final class PointwiseCode {
  /** Functions of one array by the graph's name. */
  private static final Map<String, String> UNARY =
      names(
          "relu sigmoid tanh softPlus=softplus gelu=gelu selu sign neg abs square sqrt floor ceil"
              + " round",
          "trunc exp log log10 log2 sin cos tan asin acos atan sinh cosh asinh acosh atanh",
          "toDegrees=rad2deg toRadians=deg2rad erf erfinv gammaln=lgamma isNaN=isnan",
          "isInfinite=isinf logicalNot=logical_not copy=clone");

  private static final Map<String, String> BINARY =
      names(
          "add sub mul div mod=remainder pow maximum minimum eq neq=ne gt gte=ge lt lte=le atan2",
          "xlogy logicalAnd=logical_and logicalOr=logical_or logicalXor=logical_xor prelu");

  private PointwiseCode() {}

  private static Map<String, String> names(String... words) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String word : String.join(" ", words).split(" ")) {
      String[] pair = word.split("=");
      names.put(pair[0], pair[pair.length - 1]);
    }
    return names;
  }

  /**
   * @param node a function
   * @param op the same
   * @param arrays code of its operands
   * @param over the operand over which the result is written, -1 if none
   */
  static String of(Node node, Op.Pointwise op, List<String> arrays, int over) {
    List<String> operands = new ArrayList<>(arrays);
    if (over == 1) {
      Collections.reverse(operands); // sums and products, whose order does not matter
    }
    String inPlace = over < 0 ? "" : "_";
    String function = op.function();
    String x = operands.get(0);
    String first = op.numbers().isEmpty() ? "" : operand(node, op.numbers().get(0));
    switch (function) {
      case "where":
        return "torch.where(" + String.join(", ", operands) + ")";
      case "clip":
        return "torch.clamp(%s, %s, %s)".formatted(x, first, operand(node, op.numbers().get(1)));
      case "leakyRelu":
        return "torch.leaky_relu(%s, %s)".formatted(x, first);
      case "swish":
        return "torch.mul(%1$s, torch.sigmoid(torch.mul(%1$s, %2$s)))".formatted(x, first);
      case "elu":
        return "torch.elu(%s, %s)".formatted(x, first);
      case "rsub":
        return "torch.rsub(%s, %s)".formatted(x, first);
      case "rdiv":
        return "torch.mul(torch.reciprocal(%s), %s)".formatted(x, first);
      case "rpow":
        return "torch.pow(%s, %s)".formatted(first, x);
      default:
        break;
    }
    if (operands.size() == 1 && op.numbers().isEmpty() && UNARY.containsKey(function)) {
      return "torch.%s%s(%s)".formatted(UNARY.get(function), inPlace, x);
    } else if (BINARY.containsKey(function) && operands.size() + op.numbers().size() == 2) {
      boolean plain = !function.equals("maximum") && !function.equals("minimum");
      op.numbers()
          .forEach(value -> operands.add(plain ? operand(node, value) : array(node, value, x)));
      return "torch.%s%s(%s)".formatted(BINARY.get(function), inPlace, String.join(", ", operands));
    }
    throw Literals.refused(node, function);
  }

  /** A number with which whole numbers stay whole. */
  private static String operand(Node node, double value) {
    boolean whole = node.type().isInteger() && value == Math.rint(value);
    return whole ? Long.toString((long) value) : number(value);
  }

  /** An array of one number, for functions that take no numbers. */
  private static String array(Node node, double value, String like) {
    return "torch.full([], %s, dtype=%d, layout=None, device=ops.prim.device(%s), pin_memory=None)"
        .formatted(operand(node, value), Literals.code(node.type()), like);
  }
}
