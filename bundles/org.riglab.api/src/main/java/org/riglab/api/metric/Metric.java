package org.riglab.api.metric;

import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** A metric of predictions. */
@ConsumerType
public interface Metric extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "metric";

  /**
   * @param classes number of classes; labels are 0 to classes-1
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
     * The prediction of the previous iteration, passed instead of the label. Nothing is added to
     * the accumulator of the first iteration.
     */
    PREVIOUS_ITERATION
  }
}
