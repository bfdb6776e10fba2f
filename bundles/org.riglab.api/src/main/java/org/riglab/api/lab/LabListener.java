package org.riglab.api.lab;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Watches the lab, on a thread of its own. A listener that is slower than the runs misses points,
 * then events, and is told so; it never slows a step.
 */
@ConsumerType
public interface LabListener {
  /**
   * @param event what happened; also while another process does the work, then some time later
   */
  default void event(Event event) {}

  /**
   * @param run id of a run of this process
   * @param progress how far it is
   * @param points of its metrics since the last call
   */
  default void points(long run, Run.Progress progress, List<Point> points) {}

  /** Something was left out: read the state anew. */
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
