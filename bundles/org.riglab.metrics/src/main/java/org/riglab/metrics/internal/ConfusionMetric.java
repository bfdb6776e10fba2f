package org.riglab.metrics.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;

/**
 * The scores of semantic segmentation that follow from one confusion matrix over the whole split:
 * mIoU, mAcc, pAcc and fwIoU, IoU and accuracy per class.
 */
@Component(service = Metric.class)
@Part(name = ConfusionMetric.NAME, about = "mIoU, mAcc, pAcc, fwIoU and the confusion matrix")
public final class ConfusionMetric implements Metric {
  static final String NAME = "confusion";

  @Override
  public Accumulator accumulator(int classes, Options options) {
    Maps.checkClasses(NAME, classes);
    return new ConfusionAccumulator(classes);
  }
}
