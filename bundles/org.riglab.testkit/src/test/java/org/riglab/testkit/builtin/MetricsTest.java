package org.riglab.testkit.builtin;

import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;
import org.riglab.api.metric.Metric;
import org.riglab.metrics.internal.BoundaryMetric;
import org.riglab.metrics.internal.ChangeRateMetric;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.testkit.MetricContract;

/** The built-in ones hold the contract. */
@RunWith(Enclosed.class)
public class MetricsTest {
  public static class OfConfusion extends MetricContract {
    @Override
    protected Metric metric() {
      return new ConfusionMetric();
    }
  }

  public static class OfBoundary extends MetricContract {
    @Override
    protected Metric metric() {
      return new BoundaryMetric();
    }
  }

  public static class OfChangeRate extends MetricContract {
    @Override
    protected Metric metric() {
      return new ChangeRateMetric();
    }
  }
}
