package org.riglab.api.lab;

import java.util.List;
import java.util.Map;

/**
 * Two runs, side by side.
 *
 * @param first the first run
 * @param second the second run
 * @param metrics of both
 * @param spec differing fields, with both values; {@code network.FIELD} for fields of the network's
 *     spec
 * @param parts differing parts, with bundles, versions and digests of both
 * @param sameData whether the data's fingerprints are equal
 */
public record Comparison(
    Run first,
    Run second,
    List<Metric> metrics,
    Map<String, Pair> spec,
    Map<String, Pair> parts,
    boolean sameData) {
  /**
   * A metric of both runs, compared step by step. Speed and time are not included.
   *
   * @param name of the metric
   * @param points number of steps at which both runs have a point
   * @param unmatched number of points that only one run has
   * @param largest absolute difference; NaN on one side only counts as infinite
   * @param first value at the last step of the first run; NaN for none
   * @param second value at the last step of the second run; NaN for none
   */
  public record Metric(
      String name, long points, long unmatched, double largest, double first, double second) {}

  /**
   * Two values, as text.
   *
   * @param first empty for none
   * @param second empty for none
   */
  public record Pair(String first, String second) {}
}
