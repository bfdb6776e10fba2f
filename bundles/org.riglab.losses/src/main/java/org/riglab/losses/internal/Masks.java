package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.data.Dataset;

/** Arrays that losses make of labels, and means over them. */
final class Masks {
  private Masks() {}

  /**
   * @param label (N, H, W), int64
   * @return (N, 1, H, W), float32: 1 where there is a label, 0 where it is void
   */
  static NDArray labelled(NDArray label) {
    return label.neq(Dataset.VOID).toType(DataType.FLOAT32, false).expandDims(1);
  }

  /**
   * @param label (N, H, W), int64
   * @param like (N, C, H, W)
   * @return (N, C, H, W), boolean: whether the label is the class of the channel; false for void
   */
  static NDArray classes(NDArray label, NDArray like) {
    long count = like.getShape().get(1);
    long[] numbers = new long[Math.toIntExact(count)];
    Arrays.setAll(numbers, c -> c);
    return label.expandDims(1).eq(like.getManager().create(numbers).reshape(1, count, 1, 1));
  }

  /**
   * @param value a number
   * @param like an array
   * @return the number as an array that lives as long as the other one: the backward pass of most
   *     operations reads both operands
   */
  static NDArray number(double value, NDArray like) {
    return like.getManager().create((float) value);
  }

  /**
   * @param values (C)
   * @param weights one for each class, 0 or more; empty for 1 each
   * @return the weighted mean, a scalar; 0 if all weights are 0
   */
  static NDArray mean(NDArray values, List<Double> weights) {
    if (weights.isEmpty()) {
      return values.mean();
    }
    return values.mul(table(weights, values)).sum().div(number(sum(weights), values));
  }

  /**
   * @param weights one for each class
   * @param like an array
   * @return (C), float32
   */
  static NDArray table(List<Double> weights, NDArray like) {
    float[] table = new float[weights.size()];
    for (int c = 0; c < table.length; c++) {
      table[c] = weights.get(c).floatValue();
    }
    return like.getManager().create(table);
  }

  /**
   * @param weights one for each class
   * @return their sum, or 1 instead of 0
   */
  static double sum(List<Double> weights) {
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    return sum == 0 ? 1 : sum;
  }
}
