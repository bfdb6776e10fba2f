package org.riglab.testkit;

import org.riglab.api.metric.Metric;
import org.riglab.metrics.internal.BoundaryMetric;

public class BoundaryTest extends MetricContract {
  @Override
  protected Metric metric() {
    return new BoundaryMetric();
  }
}
