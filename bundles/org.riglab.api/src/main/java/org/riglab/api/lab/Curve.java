package org.riglab.api.lab;

import java.util.List;

/**
 * A metric of a run over its steps, reduced to a limited number of points.
 *
 * @param run the run's id
 * @param metric its name
 * @param total number of points before the reduction
 * @param points in the order of steps
 */
public record Curve(long run, String metric, long total, List<Bucket> points) {
  /**
   * Several neighbouring points.
   *
   * @param step of the last of them
   * @param mean of their values
   * @param low least of their values
   * @param high largest of their values
   */
  public record Bucket(long step, double mean, double low, double high) {}
}
