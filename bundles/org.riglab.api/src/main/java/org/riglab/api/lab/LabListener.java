package org.riglab.api.lab;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Receives events of the lab on a separate thread. A slow listener misses points, then events, and
 * is notified by {@link #missed}; it does not slow down runs.
 */
@ConsumerType
public interface LabListener {
  /**
   * @param event the event; events of other processes arrive with a delay
   */
  default void event(Event event) {}

  /**
   * @param run id of a run of this process
   * @param progress of the run
   * @param points of its metrics since the last call
   */
  default void points(long run, Run.Progress progress, List<Point> points) {}

  /** Events or points were missed: read the state again. */
  default void missed() {}

  /**
   * A value of a metric.
   *
   * @param metric its name
   * @param step steps done
   * @param value the value
   */
  record Point(String metric, long step, double value) {}
}
