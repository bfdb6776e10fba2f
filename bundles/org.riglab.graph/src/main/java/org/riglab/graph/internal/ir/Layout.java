package org.riglab.graph.internal.ir;

import java.util.List;
import java.util.Locale;

/** Order of an array's elements in memory. */
public enum Layout {
  /** Row by row. */
  CONTIGUOUS,
  /** Of (N, C, H, W): the channels of a pixel beside each other, as in (N, H, W, C). */
  CHANNELS_LAST,
  /** Any other order, as a view may have. */
  STRIDED;

  private static final List<Integer> TO_LAST = List.of(0, 2, 3, 1);
  private static final List<Integer> FROM_LAST = List.of(0, 3, 1, 2);

  /**
   * @param op an operation
   * @param operands of it
   * @param shape of its result
   * @return the layout in which the engine's kernel leaves the result
   */
  public static Layout of(Op op, List<Node> operands, List<Long> shape) {
    if (op instanceof Op.Transpose transpose) {
      return transposed(transpose.order(), operands.get(0).layout());
    } else if (op instanceof Op.Slice || op instanceof Op.Broadcast) {
      return operands.get(0).shape().equals(shape) ? operands.get(0).layout() : STRIDED;
    } else if (op instanceof Op.MatMul || op instanceof Op.Linear || op instanceof Op.Reshape) {
      return CONTIGUOUS;
    }
    boolean last =
        shape.size() == 4
            && operands.stream()
                .anyMatch(
                    operand ->
                        operand.shape().size() == 4 && operand.layout() == Layout.CHANNELS_LAST);
    return last ? CHANNELS_LAST : CONTIGUOUS;
  }

  private static Layout transposed(List<Integer> order, Layout layout) {
    if (order.equals(TO_LAST) && layout == CHANNELS_LAST) {
      return CONTIGUOUS;
    }
    return order.equals(FROM_LAST) && layout == CONTIGUOUS ? CHANNELS_LAST : STRIDED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
