package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Resizing by one matrix product per side. */
final class Resampling {
  private Resampling() {}

  /** Where a row or column of the result is in the input, in pixels. */
  @FunctionalInterface
  interface Position {
    double of(long index);
  }

  /**
   * @param x (N, C, H, W)
   * @param rows (H', H)
   * @param columns (W, W')
   * @return (N, C, H', W')
   */
  static NDArray apply(NDArray x, NDArray rows, NDArray columns) {
    return rows.matMul(x).matMul(columns);
  }

  /** The matrix (to, from) of linear interpolation along one side. */
  static NDArray linear(NDArray like, long from, long to, Position position) {
    int columns = Math.toIntExact(from);
    float[] matrix = new float[Math.toIntExact(to * from)];
    for (int i = 0; i < to; i++) {
      double centre = Math.max(position.of(i), 0);
      int left = Math.min((int) centre, columns - 1);
      int right = Math.min(left + 1, columns - 1);
      double weight = centre - left;
      matrix[i * columns + left] += (float) (1 - weight);
      matrix[i * columns + right] += (float) weight;
    }
    return matrix(like, matrix, to, from);
  }

  /** The matrix (to, from) that takes one pixel for each. */
  static NDArray nearest(NDArray like, long from, long to) {
    int columns = Math.toIntExact(from);
    float[] matrix = new float[Math.toIntExact(to * from)];
    // PyTorch's scale is a float
    float scale = (float) from / to;
    for (int i = 0; i < to; i++) {
      matrix[i * columns + Math.min((int) (i * scale), columns - 1)] = 1;
    }
    return matrix(like, matrix, to, from);
  }

  /** A constant in the type of an array, on its device, with its lifetime. */
  static NDArray matrix(NDArray like, float[] values, long rows, long columns) {
    return like.getManager()
        .create(values, new Shape(rows, columns))
        .toType(like.getDataType(), false);
  }
}
