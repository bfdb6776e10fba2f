package org.riglab.api.lab;

import java.util.List;
import java.util.Map;

/**
 * Two runs, side by side.
 *
 * @param first the one
 * @param second the other
 * @param metrics of both
 * @param spec fields that differ, to both values; {@code network.FIELD} for the network's
 * @param parts that differ, to both bundles, versions and digests
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
   * A metric of both, step by step. Speed and time are no metrics of a run.
   *
   * @param name of the metric
   * @param points at steps where both have one
   * @param unmatched points that only one has
   * @param largest absolute difference; NaN on one side only counts as infinite
   * @param first value at the first one's last step; NaN for none
   * @param second value at the second one's last step; NaN for none
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
