package org.riglab.metrics.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;

/** How much an iteration changes the answer of the one before. */
@Component(service = Metric.class)
@Part(
    name = ChangeRateMetric.NAME,
    about =
        "the share of all pixels whose class differs from that of the iteration before; not"
            + " defined for the first")
public final class ChangeRateMetric implements Metric {
  static final String NAME = "change-rate";

  @Override
  public Accumulator accumulator(int classes, Options options) {
    return new ChangeRateAccumulator();
  }

  @Override
  public Against against() {
    return Against.PREVIOUS_ITERATION;
  }
}
