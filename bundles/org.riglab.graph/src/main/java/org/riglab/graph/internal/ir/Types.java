package org.riglab.graph.internal.ir;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Set;

/** Types of results, by the engine's rules of promotion. */
public final class Types {
  private static final Set<String> BOOLEAN =
      Set.of(
          "eq",
          "neq",
          "gt",
          "gte",
          "lt",
          "lte",
          "logicalAnd",
          "logicalOr",
          "logicalXor",
          "logicalNot",
          "isNaN",
          "isInfinite");

  private Types() {}

  /**
   * @param function of {@link Op.Pointwise}
   * @param operands its arrays; of {@code where} the first is the condition
   * @return the type that the engine's kernel gives; that of the first operand if none is floating
   */
  public static DataType pointwise(String function, List<Node> operands) {
    if (BOOLEAN.contains(function)) {
      return DataType.BOOLEAN;
    }
    return promoted(function.equals("where") ? operands.subList(1, operands.size()) : operands);
  }

  /**
   * @param operands arrays that an operation combines
   * @return the floating type of the result: a scalar array does not decide it if another floating
   *     array has axes; the type of the first operand if none is floating
   */
  public static DataType promoted(List<Node> operands) {
    List<Node> floating = operands.stream().filter(node -> node.type().isFloating()).toList();
    List<Node> arrays = floating.stream().filter(node -> !node.shape().isEmpty()).toList();
    return (arrays.isEmpty() ? floating : arrays)
        .stream().map(Node::type).reduce(Types::wider).orElseGet(() -> operands.get(0).type());
  }

  private static DataType wider(DataType a, DataType b) {
    if (a == b) {
      return a;
    }
    return a == DataType.FLOAT64 || b == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
  }
}
