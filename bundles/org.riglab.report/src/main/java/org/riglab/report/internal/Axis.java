package org.riglab.report.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear axis with round ticks.
 *
 * @param min value at its start
 * @param max value at its end, greater than min
 * @param step from tick to tick: 1, 2 or 5 times a power of ten
 */
record Axis(double min, double max, double step) {
  /**
   * @param low least value
   * @param high greatest value
   * @param ticks how many ticks there should be, about
   * @return an axis that ends at the values themselves
   */
  static Axis exact(double low, double high, int ticks) {
    double top = high > low ? high : low + 1;
    return new Axis(low, top, step((top - low) / ticks));
  }

  /**
   * @param low least value
   * @param high greatest value
   * @param ticks how many ticks there should be, about
   * @return an axis that begins and ends at ticks
   */
  static Axis round(double low, double high, int ticks) {
    Axis exact = exact(low, high, ticks);
    return new Axis(
        Math.floor(low / exact.step + 1e-9) * exact.step,
        Math.ceil(exact.max / exact.step - 1e-9) * exact.step,
        exact.step);
  }

  /**
   * @return the axis with ticks at whole numbers only, for example for iterations
   */
  Axis whole() {
    return step >= 1 ? this : new Axis(min, max, 1);
  }

  private static double step(double rough) {
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double factor : new double[] {1, 2, 5}) {
      if (rough <= factor * power * (1 + 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /**
   * @return the values with a tick, ascending
   */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long last = Math.round(Math.floor(max / step + 1e-9));
    for (long i = Math.round(Math.ceil(min / step - 1e-9)); i <= last; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /**
   * @param value a tick
   * @return the tick's text, with as many decimals as all ticks need
   */
  String text(double value) {
    return Numbers.fixed(value, (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  }

  /**
   * @param value a value
   * @return its place, 0 at the start and 1 at the end
   */
  double place(double value) {
    return (value - min) / (max - min);
  }
}
