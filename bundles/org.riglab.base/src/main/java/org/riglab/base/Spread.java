package org.riglab.base;

import java.util.List;

/**
 * Mean and spread of a value over runs that differ in their seed.
 *
 * @param n how many runs have the value
 * @param mean of the value; NaN if no run has it
 * @param std standard deviation of the sample, with n-1; NaN below two runs
 * @param halfWidth half the width of the two-sided 95 % confidence interval of the mean by
 *     Student's t with n-1 degrees of freedom; NaN below two runs
 */
public record Spread(int n, double mean, double std, double halfWidth) {
  /** The 97.5 % quantile of Student's t for 1, 2, ... degrees of freedom. */
  private static final double[] QUANTILES = {
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157,
    2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922,
    2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831,
    2.048407, 2.045230, 2.042272
  };

  /** The 97.5 % quantile of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * @param values one per run; NaN where a run does not have it
   * @return their spread
   */
  public static Spread of(List<Double> values) {
    double[] finite = values.stream().mapToDouble(v -> v).filter(Double::isFinite).toArray();
    int n = finite.length;
    if (n == 0) {
      return new Spread(0, Double.NaN, Double.NaN, Double.NaN);
    }
    double mean = 0;
    for (double value : finite) {
      mean += value / n;
    }
    if (n == 1) {
      return new Spread(1, mean, Double.NaN, Double.NaN);
    }
    double squares = 0;
    for (double value : finite) {
      squares += (value - mean) * (value - mean);
    }
    double std = Math.sqrt(squares / (n - 1));
    return new Spread(n, mean, std, quantile(n - 1) * std / Math.sqrt(n));
  }

  /**
   * @param freedom degrees of freedom, 1 or more
   * @return the 97.5 % quantile of Student's t; beyond the table by its expansion about the normal
   *     distribution's (Abramowitz and Stegun, 26.7.5), correct to 1e-6
   */
  public static double quantile(int freedom) {
    if (freedom <= QUANTILES.length) {
      return QUANTILES[freedom - 1];
    }
    double z2 = Z * Z;
    double v = freedom;
    return Z
        + Z * (z2 + 1) / (4 * v)
        + Z * ((5 * z2 + 16) * z2 + 3) / (96 * v * v)
        + Z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v);
  }
}
