package org.riglab.transforms.internal;

import java.lang.annotation.Annotation;
import java.util.random.RandomGenerator;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.training.Transform;

/**
 * Changes brightness, contrast, saturation and hue, each with a probability (Liu et al., SSD, ECCV
 * 2016), as {@code torchvision.transforms.v2.RandomPhotometricDistort} without its permutation of
 * the channels. Contrast changes before or behind saturation and hue, at random. The label stays.
 */
@Component
@Part(name = "photometric", about = "changes brightness, contrast, saturation and hue at random")
public final class Photometric implements Transform {
  /** See {@link Provider#options()}. */
  @interface Config {
    /** Largest deviation of the factor on brightness from 1, 0 to 1. */
    double brightness() default 0.125;

    /** Largest deviation of the factor on contrast from 1, 0 to 1. */
    double contrast() default 0.5;

    /** Largest deviation of the factor on saturation from 1, 0 to 1. */
    double saturation() default 0.5;

    /** Largest shift of the hue as a share of the colour circle, 0 to 0.5. */
    double hue() default 0.05;

    /** Probability of each of the changes, 0 to 1. */
    double probability() default 0.5;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Augmentation create(int height, int width, Options options) {
    Config config = options.as(Config.class);
    double brightness = Range.upTo("photometric", "brightness", config.brightness(), 1);
    double contrast = Range.upTo("photometric", "contrast", config.contrast(), 1);
    double saturation = Range.upTo("photometric", "saturation", config.saturation(), 1);
    double hue = Range.upTo("photometric", "hue", config.hue(), 0.5);
    double probability = Range.upTo("photometric", "probability", config.probability(), 1);
    return (picture, random) -> {
      double brighter = drawn(random, probability, 1, brightness);
      double contrasted = drawn(random, probability, 1, contrast);
      double saturated = drawn(random, probability, 1, saturation);
      double shift = drawn(random, probability, 0, hue);
      boolean first = random.nextBoolean();
      float[] image = picture.image();
      Colours.brightness(image, brighter);
      if (first) {
        Colours.contrast(image, contrasted);
      }
      Colours.saturation(image, saturated);
      Colours.hue(image, shift);
      if (!first) {
        Colours.contrast(image, contrasted);
      }
      return picture.of(picture.height(), picture.width(), image, picture.label());
    };
  }

  /** The neutral value, or with a probability one that deviates from it. */
  private static double drawn(
      RandomGenerator random, double probability, double neutral, double most) {
    boolean changes = random.nextDouble() < probability;
    double deviation = most * (2 * random.nextDouble() - 1);
    return changes ? neutral + deviation : neutral;
  }
}
