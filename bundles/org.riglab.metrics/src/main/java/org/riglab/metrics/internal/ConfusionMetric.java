package org.riglab.metrics.internal;

import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;

/**
 * The scores of semantic segmentation that follow from one confusion matrix over the whole split:
 * mIoU, mAcc, pAcc and fwIoU, IoU and accuracy per class.
 */
@Component(
    service = Metric.class,
    property = {
      Provider.NAME + "=confusion",
      Provider.ABOUT + "=mIoU, mAcc, pAcc, fwIoU and the confusion matrix"
    })
public final class ConfusionMetric implements Metric {
  @Override
  public Accumulator accumulator(int classes, Options options) {
    if (classes < 1 || classes > 255) {
      throw new RigException("confusion: " + classes + " classes, expected 1 to 255");
    }
    return new ConfusionAccumulator(classes);
  }
}
