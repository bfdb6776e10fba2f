package org.riglab.api.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of metrics. Fractions are 0 to 1; NaN if a value is not defined, for example the IoU
 * of a class whose union is empty.
 *
 * @param values named numbers, for example mIoU
 * @param perClass named lists with one number per class, for example IoU
 * @param confusion pixel counts, row = label, column = prediction; empty if the metric has none
 */
public record Scores(
    Map<String, Double> values, Map<String, List<Double>> perClass, List<List<Long>> confusion) {
  /**
   * Copies everything, in order.
   *
   * @param values see {@link #values()}
   * @param perClass see {@link #perClass()}
   * @param confusion see {@link #confusion()}
   */
  public Scores {
    values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    perClass = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(perClass));
    confusion = confusion.stream().map(List::copyOf).toList();
  }
}
