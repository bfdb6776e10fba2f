package org.riglab.datasets.internal;

import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * The embedded data set: long striped bodies over clutter. All bodies look alike; the colour of the
 * small head at one end decides the class of the whole body, heads without a body are background. A
 * network that wants to label a body's far end has to carry what it saw at the head along the body,
 * past other bodies and their heads. Void borders surround the bodies.
 */
@Component(service = Dataset.class)
@Part(
    name = "shapes",
    about = "embedded: bodies whose class shows only at their head, made on the fly")
public final class ShapesDataset implements Dataset {
  static final List<String> SPLITS = List.of("train", "val", "test");
  private static final int MIN_SIDE = 32;
  private static final int MAX_SIDE = 1024;
  private static final int MIN_CLASSES = 6;
  private static final int MAX_CLASSES = 16;

  /** Options of the data set. */
  public @interface Config {
    /**
     * @return H and W in pixels; one number for both
     */
    int[] size() default {96, 96};

    /**
     * @return number of classes, background included
     */
    int classes() default 6;

    /**
     * @return 0 to 3
     */
    int difficulty() default 1;

    /**
     * @return number of training images
     */
    int train() default 2048;

    /**
     * @return number of validation images
     */
    int val() default 128;

    /**
     * @return number of test images
     */
    int test() default 256;

    /**
     * @return another seed gives another data set
     */
    long seed() default 0;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Images open(Optional<Path> directory, Options options) {
    Config config = options.as(Config.class);
    int[] size = config.size();
    if (size.length < 1 || size.length > 2) {
      throw new RigException("shapes: size has " + size.length + " numbers, expected H and W");
    }
    int height = within("size", size[0], MIN_SIDE, MAX_SIDE);
    int width = within("size", size[size.length - 1], MIN_SIDE, MAX_SIDE);
    int classes = within("classes", config.classes(), MIN_CLASSES, MAX_CLASSES);
    int difficulty = within("difficulty", config.difficulty(), 0, Difficulty.HARDEST);
    int[] counts = {config.train(), config.val(), config.test()};
    List<Split> splits = new ArrayList<>();
    for (int i = 0; i < SPLITS.size(); i++) {
      int count = within(SPLITS.get(i), counts[i], 1, Integer.MAX_VALUE);
      splits.add(new ShapesSplit(height, width, classes, difficulty, config.seed(), i, count));
    }
    return NamedSplits.of("shapes", classes(classes), SPLITS, splits);
  }

  private static int within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new RigException(
          "shapes: option %s is %d, expected %d to %d".formatted(option, value, least, most));
    }
    return value;
  }

  private static ClassTable classes(int classes) {
    List<ClassTable.Entry> entries = new ArrayList<>();
    entries.add(new ClassTable.Entry("background", 0));
    for (int c = 1; c < classes; c++) {
      entries.add(new ClassTable.Entry("kind " + c, colour(c, classes)));
    }
    return new ClassTable(entries);
  }

  /**
   * @param c 1 to classes-1
   * @param classes background included
   * @return the colour of that class's heads, 0xRRGGBB: hues spread evenly over the circle
   */
  static int colour(int c, int classes) {
    int low = 20;
    int high = 240;
    int hue = (c - 1) * 6 * (high - low) / (classes - 1);
    int sector = hue / (high - low);
    int up = low + hue % (high - low);
    int down = high - hue % (high - low);
    return switch (sector) {
      case 0 -> rgb(high, up, low);
      case 1 -> rgb(down, high, low);
      case 2 -> rgb(low, high, up);
      case 3 -> rgb(low, down, high);
      case 4 -> rgb(up, low, high);
      default -> rgb(high, low, down);
    };
  }

  private static int rgb(int red, int green, int blue) {
    return red << 16 | green << 8 | blue;
  }
}
