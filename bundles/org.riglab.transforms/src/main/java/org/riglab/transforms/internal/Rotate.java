package org.riglab.transforms.internal;

import java.lang.annotation.Annotation;
import java.util.Arrays;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Picture;
import org.riglab.api.training.Transform;

/**
 * Rotates about the centre by an angle that is drawn uniformly, bilinear for the image and nearest
 * for the label, as {@code torchvision.transforms.v2.functional.rotate}. The size stays; outside of
 * the picture are the mean colour and void.
 */
@Component
@Part(name = "rotate", about = "rotates about the centre by a random angle")
public final class Rotate implements Transform {
  private static final int CHANNELS = 3;

  /** See {@link Provider#options()}. */
  @interface Config {
    /** Largest angle to both sides in degrees, 0 to 180. */
    double degrees() default 10;

    /** Probability of a rotation, 0 to 1. */
    double probability() default 1;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Augmentation create(int height, int width, Options options) {
    Config config = options.as(Config.class);
    double degrees = Range.upTo("rotate", "degrees", config.degrees(), 180);
    double probability = Range.upTo("rotate", "probability", config.probability(), 1);
    return (picture, random) -> {
      boolean turns = random.nextDouble() < probability;
      double angle = degrees * (2 * random.nextDouble() - 1);
      return turns ? rotated(picture, angle) : picture;
    };
  }

  /**
   * @param picture a picture
   * @param degrees anticlockwise
   * @return the picture rotated
   */
  static Picture rotated(Picture picture, double degrees) {
    int height = picture.height();
    int width = picture.width();
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    float[] mean = picture.window(-1, -1, 1, 1).image(); // what lies outside
    Source source = new Source(height, width, picture.image(), picture.label(), mean);
    float[] image = new float[height * width * CHANNELS];
    byte[] label = new byte[height * width];
    Arrays.fill(label, (byte) Dataset.VOID);
    for (int y = 0; y < height; y++) {
      double down = y - (height - 1) / 2.0;
      for (int x = 0; x < width; x++) {
        double across = x - (width - 1) / 2.0;
        double row = across * sin + down * cos + (height - 1) / 2.0;
        double column = across * cos - down * sin + (width - 1) / 2.0;
        int pixel = y * width + x;
        source.colour(row, column, image, pixel * CHANNELS);
        source.label(row, column, label, pixel);
      }
    }
    return picture.of(height, width, image, label);
  }

  /** Pixels between and around which values are read. */
  @SuppressWarnings("ArrayRecordComponent") // for one call
  private record Source(int height, int width, float[] image, byte[] labels, float[] mean) {
    void colour(double row, double column, float[] into, int at) {
      int top = (int) Math.floor(row);
      int left = (int) Math.floor(column);
      for (int c = 0; c < CHANNELS; c++) {
        double value = mean[c];
        for (int i = 0; i < 4; i++) {
          int y = top + i / 2;
          int x = left + i % 2;
          if (inside(y, x)) {
            double weight = (1 - Math.abs(row - y)) * (1 - Math.abs(column - x));
            value += weight * (image[(y * width + x) * CHANNELS + c] - mean[c]);
          }
        }
        into[at + c] = (float) value;
      }
    }

    void label(double row, double column, byte[] into, int at) {
      int y = (int) Math.rint(row);
      int x = (int) Math.rint(column);
      if (inside(y, x)) {
        into[at] = labels[y * width + x];
      }
    }

    private boolean inside(int y, int x) {
      return y >= 0 && y < height && x >= 0 && x < width;
    }
  }
}
