package org.riglab.api.lab;

import java.util.List;

/**
 * A metric of a run over its steps, thinned out.
 *
 * @param run the run's id
 * @param metric its name
 * @param total points there are
 * @param points in the order of steps
 */
public record Curve(long run, String metric, long total, List<Bucket> points) {
  /**
   * Neighbouring points in one.
   *
   * @param step of the last of them
   * @param mean of their values
   * @param low least of their values
   * @param high largest of their values
   */
  public record Bucket(long step, double mean, double low, double high) {}
}
