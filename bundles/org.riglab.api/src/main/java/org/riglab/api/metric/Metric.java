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

  /**
   * @return what predictions are compared with; the same for all accumulators
   */
  default Against against() {
    return Against.LABEL;
  }

  /** What a prediction is compared with. */
  enum Against {
    /** The true labels. */
    LABEL,
    /**
     * The prediction of the iteration before, given in the place of the label. The first
     * iteration's accumulator gets nothing.
     */
    PREVIOUS_ITERATION
  }
}
