package org.riglab.report.internal;

import java.util.Locale;

/** Numbers for people: a point for the decimals, an en dash for what is not defined. */
final class Numbers {
  /** Stands for a value that is not defined. */
  static final String NONE = "\u2013";

  private Numbers() {}

  /**
   * @param value a number
   * @param decimals after the point
   * @return the rounded number
   */
  static String fixed(double value, int decimals) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : NONE;
  }

  /**
   * @param fraction 0 to 1
   * @return percent with one decimal, without the sign
   */
  static String percent(double fraction) {
    return fixed(100 * fraction, 1);
  }

  /**
   * @param value a number
   * @return three significant digits, with an exponent only where it is very small or very large
   */
  static String significant(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int whole = size < 1 ? 0 : (int) Math.floor(Math.log10(size));
    return fixed(value, Math.max(0, (size < 1 ? 3 : 2) - whole));
  }
}
