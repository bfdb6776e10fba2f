package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What rounding does to a network. The last bit of each parameter is changed; how far results move
 * then is how far they may differ between two ways to compute them. It grows with the depth.
 */
final class Rounding {
  /** Of float32. */
  private static final float BIT = 0x1p-23f;

  private static final NDIndex ALL = new NDIndex("...");

  /** Orders of summation and fused operations round more often than once per parameter. */
  private static final double TIMES = 8;

  /** A network that is more sensitive is not compared to that: its results say nothing. */
  private static final double MOST = 1e-2;

  private Rounding() {}

  /**
   * @param usual of networks of little depth
   * @param moved how far the results of this network moved
   * @return the largest difference that is rounding
   */
  static double tolerance(double usual, double moved) {
    return Math.max(usual, Math.min(TIMES * moved, MOST));
  }

  /**
   * @param network has other parameters meanwhile
   * @param body computes with it
   * @return its result
   */
  static <T> T within(Assembled network, Supplier<T> body) {
    try (NDManager manager = network.manager().newSubManager()) {
      Map<Parameter, NDArray> before = new LinkedHashMap<>();
      Trial.without(
          () -> {
            long seed = 500;
            for (Parameter parameter : network.state().values()) {
              NDArray value = parameter.getArray();
              NDArray kept = value.duplicate();
              kept.attach(manager);
              before.put(parameter, kept);
              NDArray sign =
                  Numbers.normal(manager, value.getDataType(), seed++, value.getShape().getShape())
                      .sign();
              value.set(ALL, kept.mul(sign.mul(BIT).add(1)));
            }
            return null;
          });
      try {
        return body.get();
      } finally {
        Trial.without(
            () -> {
              before.forEach((parameter, kept) -> parameter.getArray().set(ALL, kept));
              return null;
            });
      }
    }
  }

  /**
   * @param eager gradients by name
   * @param others of the same parameters
   * @return how far each differs, relative to its size
   */
  static Map<String, Double> errors(Map<String, double[]> eager, Map<String, double[]> others) {
    double largest = eager.values().stream().mapToDouble(Numbers::norm).max().orElse(0);
    Map<String, Double> errors = new LinkedHashMap<>();
    eager.forEach(
        (name, wanted) -> {
          double[] got = others.get(name);
          // a gradient that is nothing but rounding, as of a bias in front of batch norm, is small
          double floor = Math.max(Numbers.norm(wanted), 1e-2 * largest);
          errors.put(name, got == null ? Double.NaN : Numbers.distance(wanted, got) / floor);
        });
    return errors;
  }
}
