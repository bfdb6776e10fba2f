package org.riglab.api.metric;

import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** A way to score predictions. */
@ConsumerType
public interface Metric extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "metric";

  /**
   * @param classes labels 0 to classes-1 count
   * @param options see {@link #options()}
   * @return an empty accumulator
   */
  Accumulator accumulator(int classes, Options options);
}
