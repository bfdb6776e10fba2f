package org.riglab.transforms.internal;

import java.lang.annotation.Annotation;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.training.Transform;

/** Resizes by a factor that is drawn uniformly. Both sides have the same factor. */
@Component
@Part(name = "scale", about = "resizes by a random factor, both sides alike")
public final class Scale implements Transform {
  /** See {@link Provider#options()}. */
  @interface Config {
    /** Smallest factor, more than 0. */
    double min() default 0.5;

    /** Largest factor. */
    double max() default 1.5;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Augmentation create(int height, int width, Options options) {
    Config config = options.as(Config.class);
    double min = config.min();
    double max = config.max();
    if (!(min > 0 && max >= min)) {
      throw new RigException(
          "transform scale: options 'min' and 'max' are %s and %s; they must be more than 0, and 'max' at least 'min'"
              .formatted(min, max));
    }
    return (picture, random) -> {
      double factor = min + (max - min) * random.nextDouble();
      return picture.resize(side(picture.height(), factor), side(picture.width(), factor));
    };
  }

  private static int side(int size, double factor) {
    return Math.max(1, (int) Math.rint(size * factor));
  }
}
