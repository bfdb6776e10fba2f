package org.riglab.transforms.internal;

/**
 * Changes of colours, as {@code torchvision.transforms.v2.functional.adjust_*} on images of real
 * numbers: pixels are red, green and blue, 0 to 255, and results are limited to that range.
 */
final class Colours {
  private static final int CHANNELS = 3;
  private static final float MOST = 255;
  private static final int SECTORS = 6;

  private Colours() {}

  /**
   * @param image changed in place
   * @param factor on each value; 1 changes nothing
   */
  static void brightness(float[] image, double factor) {
    if (factor != 1) {
      for (int i = 0; i < image.length; i++) {
        image[i] = limited(factor * image[i]);
      }
    }
  }

  /**
   * @param image changed in place
   * @param factor on the distance from the mean grey of the image; 1 changes nothing
   */
  static void contrast(float[] image, double factor) {
    if (factor != 1) {
      double sum = 0;
      for (int i = 0; i < image.length; i += CHANNELS) {
        sum += grey(image, i);
      }
      double mean = sum / (image.length / CHANNELS);
      for (int i = 0; i < image.length; i++) {
        image[i] = limited(factor * image[i] + (1 - factor) * mean);
      }
    }
  }

  /**
   * @param image changed in place
   * @param factor on the distance from the pixel's grey; 1 changes nothing
   */
  static void saturation(float[] image, double factor) {
    if (factor != 1) {
      for (int i = 0; i < image.length; i += CHANNELS) {
        double grey = grey(image, i);
        for (int c = i; c < i + CHANNELS; c++) {
          image[c] = limited(factor * image[c] + (1 - factor) * grey);
        }
      }
    }
  }

  /**
   * @param image changed in place
   * @param shift of the hue in HSV, as a share of the circle; 0 changes nothing
   */
  static void hue(float[] image, double shift) {
    if (shift != 0) {
      for (int i = 0; i < image.length; i += CHANNELS) {
        turn(image, i, shift);
      }
    }
  }

  private static double grey(float[] image, int i) {
    return 0.2989 * image[i] + 0.587 * image[i + 1] + 0.114 * image[i + 2];
  }

  private static float limited(double value) {
    return (float) Math.max(0, Math.min(MOST, value));
  }

  private static void turn(float[] image, int i, double shift) {
    double red = image[i];
    double green = image[i + 1];
    double blue = image[i + 2];
    double most = Math.max(red, Math.max(green, blue));
    double range = most - Math.min(red, Math.min(green, blue));
    if (range == 0) {
      return; // grey has no hue
    }
    double sector;
    if (most == red) {
      sector = (green - blue) / range;
    } else if (most == green) {
      sector = 2 + (blue - red) / range;
    } else {
      sector = 4 + (red - green) / range;
    }
    double turned = sector / SECTORS + shift;
    double place = SECTORS * (turned - Math.floor(turned));
    int whole = (int) place;
    double part = place - whole;
    double least = most - range;
    double falling = most - range * part;
    double rising = most - range * (1 - part);
    switch (whole % SECTORS) {
      case 0 -> set(image, i, most, rising, least);
      case 1 -> set(image, i, falling, most, least);
      case 2 -> set(image, i, least, most, rising);
      case 3 -> set(image, i, least, falling, most);
      case 4 -> set(image, i, rising, least, most);
      default -> set(image, i, most, least, falling);
    }
  }

  private static void set(float[] image, int i, double red, double green, double blue) {
    image[i] = limited(red);
    image[i + 1] = limited(green);
    image[i + 2] = limited(blue);
  }
}
