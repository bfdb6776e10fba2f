package org.riglab.transforms.internal;

import java.lang.annotation.Annotation;
import java.util.random.RandomGenerator;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Transform;

/**
 * As {@link Crop}, but so that each class of the picture is as likely to be in the window as any
 * other: a class is drawn among those that occur, then one of its pixels, then a window around that
 * pixel, each uniformly. A picture without a label is cropped anywhere.
 */
@Component
@Part(name = "balanced-crop", about = "as crop, around a pixel of a class that is drawn at random")
public final class BalancedCrop implements Transform {
  private static final int LABELS = 256;

  /** See {@link Provider#options()}. */
  @interface Config {
    /** Share of the windows that are balanced, 0 to 1; the others are as likely anywhere. */
    double probability() default 1;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Augmentation create(int height, int width, Options options) {
    double probability =
        Range.upTo("balanced-crop", "probability", options.as(Config.class).probability(), 1);
    Augmentation anywhere = new Crop().create(height, width, options);
    return (picture, random) -> {
      boolean balanced = random.nextDouble() < probability;
      if (!balanced || picture.height() <= height && picture.width() <= width) {
        return anywhere.apply(picture, random);
      }
      int pixel = pixel(picture.label(), random);
      if (pixel < 0) {
        return anywhere.apply(picture, random);
      }
      int top = start(pixel / picture.width(), picture.height(), height, random);
      int left = start(pixel % picture.width(), picture.width(), width, random);
      return picture.window(top, left, height, width);
    };
  }

  /** A pixel of a class; -1 if all are void. */
  private static int pixel(byte[] label, RandomGenerator random) {
    int[] counts = new int[LABELS];
    for (byte one : label) {
      counts[Byte.toUnsignedInt(one)]++;
    }
    counts[Dataset.VOID] = 0;
    int classes = 0;
    for (int count : counts) {
      classes += count > 0 ? 1 : 0;
    }
    if (classes == 0) {
      return -1;
    }
    int chosen = nth(counts, random.nextInt(classes));
    int rest = random.nextInt(counts[chosen]);
    int at = 0;
    while (Byte.toUnsignedInt(label[at]) != chosen || rest-- > 0) {
      at++;
    }
    return at;
  }

  /** The class that is the n-th of those that occur. */
  private static int nth(int[] counts, int n) {
    int rest = n;
    int label = 0;
    while (counts[label] == 0 || rest-- > 0) {
      label++;
    }
    return label;
  }

  /** Where a window begins that contains a place, and as little as possible from outside. */
  private static int start(int place, int size, int window, RandomGenerator random) {
    if (size <= window) {
      return -random.nextInt(window - size + 1);
    }
    int first = Math.max(0, place - window + 1);
    int last = Math.min(place, size - window);
    return first + random.nextInt(last - first + 1);
  }
}
