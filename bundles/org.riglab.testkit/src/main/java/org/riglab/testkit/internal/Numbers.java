package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;

/** Arrays with known values, and what can be said about values. */
final class Numbers {
  /** Draws other numbers in all checks; 0 unless a property says otherwise. */
  private static final long DRAW = Long.getLong("riglab.testkit.seed", 0);

  /** No check uses seeds that are as far apart. */
  private static final long STRIDE = 1_000_003;

  private Numbers() {}

  /** The seed of a check, moved by the property {@code riglab.testkit.seed}. */
  static long seed(long fixed) {
    return fixed + DRAW * STRIDE;
  }

  /**
   * @return independent normal numbers, the same for the same seed whatever the engine has drawn
   */
  static NDArray normal(NDManager manager, DataType type, long seed, long... shape) {
    Random random = new Random(seed(seed));
    Shape of = new Shape(shape);
    float[] values = new float[(int) of.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, of).toType(type, false);
  }

  /** The values on the host. */
  static double[] values(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    try (NDArray floats = array.toType(DataType.FLOAT32, true)) {
      float[] values = floats.toFloatArray();
      double[] doubles = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        doubles[i] = values[i];
      }
      return doubles;
    }
  }

  static boolean finite(double... values) {
    return Arrays.stream(values).allMatch(Double::isFinite);
  }

  static double norm(double... values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  /** Norm of the difference; NaN if there are not as many. */
  static double distance(double[] wanted, double[] got) {
    if (wanted.length != got.length) {
      return Double.NaN;
    }
    double[] difference = new double[wanted.length];
    for (int i = 0; i < wanted.length; i++) {
      difference[i] = wanted[i] - got[i];
    }
    return norm(difference);
  }

  /** Norm of the difference over norm of the wanted values; 0 if both are all zeros. */
  static double error(double[] wanted, double[] got) {
    double distance = distance(wanted, got);
    return distance == 0 ? 0 : distance / Math.max(norm(wanted), 1e-12);
  }

  /** The dot product. */
  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
