package org.riglab.metrics.internal;

import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;

/**
 * The boundary F-score BF of Csurka, Larlus and Perronnin, What is a good evaluation measure for
 * semantic segmentation? (BMVC 2013), per class.
 */
@Component(service = Metric.class)
@Part(
    name = BoundaryMetric.NAME,
    about =
        "BF, the F-score of class boundaries within a tolerance, per class and image; a class"
            + " without boundary in label and prediction is left out of its image")
public final class BoundaryMetric implements Metric {
  static final String NAME = "boundary";

  /** How far apart boundaries may be. */
  @interface Config {
    /** Share of the image's diagonal, 0 to 1. */
    double tolerance() default 0.0075;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Accumulator accumulator(int classes, Options options) {
    Maps.checkClasses(NAME, classes);
    double tolerance = options.as(Config.class).tolerance();
    if (!(tolerance >= 0 && tolerance <= 1)) {
      throw new RigException(
          "%s: option 'tolerance' is %s; it must be a share of the diagonal, 0 to 1"
              .formatted(NAME, tolerance));
    }
    return new BoundaryAccumulator(classes, tolerance);
  }
}
