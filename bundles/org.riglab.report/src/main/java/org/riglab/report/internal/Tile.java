package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import org.riglab.api.bench.RgbImage;

/**
 * The size at which a picture is shown among others: about {@value #WIDTH} pixels wide. Small
 * pictures grow by a whole factor so that their pixels stay square, large ones shrink.
 *
 * @param width in pixels
 * @param height in pixels
 */
record Tile(int width, int height) {
  /** Width that large pictures shrink to. */
  static final int WIDTH = 240;

  /** Width that no tile exceeds. */
  static final int MAX_WIDTH = 260;

  /** Height that no tile exceeds. */
  static final int MAX_HEIGHT = 520;

  /** How much of the class colour there is in an overlay. */
  static final double BLEND = 0.5;

  private static final int UNDEFINED_RGB = 0xBDBDBD;

  /**
   * @param height of the picture
   * @param width of the picture
   * @return the tile
   */
  static Tile of(int height, int width) {
    int factor = Math.min(MAX_WIDTH / width, MAX_HEIGHT / height);
    if (factor >= 1) {
      return new Tile(width * factor, height * factor);
    }
    double scale = Math.min((double) WIDTH / width, (double) MAX_HEIGHT / height);
    return new Tile(
        (int) Math.max(1, Math.round(width * scale)),
        (int) Math.max(1, Math.round(height * scale)));
  }

  /**
   * @param image the image
   * @return a tile that shows all of it; every pixel is the mean of those it covers
   */
  BufferedImage image(RgbImage image) {
    byte[] rgb = image.rgb();
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      int top = from(y, image.height(), height);
      int bottom = Math.max(top + 1, from(y + 1, image.height(), height));
      for (int x = 0; x < width; x++) {
        int left = from(x, image.width(), width);
        int right = Math.max(left + 1, from(x + 1, image.width(), width));
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int v = top; v < bottom; v++) {
          for (int at = (v * image.width() + left) * 3, end = at + (right - left) * 3; at < end; ) {
            red += rgb[at++] & 0xFF;
            green += rgb[at++] & 0xFF;
            blue += rgb[at++] & 0xFF;
          }
        }
        long count = (long) (bottom - top) * (right - left);
        out.setRGB(
            x, y, (int) (mean(red, count) << 16 | mean(green, count) << 8 | mean(blue, count)));
      }
    }
    return out;
  }

  private static long mean(long sum, long count) {
    return (sum + count / 2) / count;
  }

  private static int from(int position, int source, int target) {
    return (int) ((long) position * source / target);
  }

  /** The pixel under the centre of a tile's pixel. */
  private static int nearest(int position, int source, int target) {
    return (int) ((2L * position + 1) * source / (2L * target));
  }

  /**
   * @param labels sourceHeight*sourceWidth labels
   * @param sourceHeight in pixels
   * @param sourceWidth in pixels
   * @param palette colours
   * @return the labels in their colours, void hatched
   */
  BufferedImage labels(byte[] labels, int sourceHeight, int sourceWidth, Palette palette) {
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      int line = nearest(y, sourceHeight, height) * sourceWidth;
      for (int x = 0; x < width; x++) {
        int label = labels[line + nearest(x, sourceWidth, width)] & 0xFF;
        out.setRGB(x, y, palette.hatched(label, x, y));
      }
    }
    return out;
  }

  /**
   * @param image the image
   * @param labels one per pixel of the image
   * @param palette colours
   * @return the image blended with the colours, void hatched
   */
  BufferedImage overlay(RgbImage image, byte[] labels, Palette palette) {
    BufferedImage out = image(image);
    for (int y = 0; y < height; y++) {
      int line = nearest(y, image.height(), height) * image.width();
      for (int x = 0; x < width; x++) {
        int label = labels[line + nearest(x, image.width(), width)] & 0xFF;
        int colour = palette.hatched(label, x, y);
        out.setRGB(x, y, Palette.mix(out.getRGB(x, y) & 0xFFFFFF, colour, BLEND));
      }
    }
    return out;
  }

  /**
   * @param map one value per cell
   * @return the map in {@link Viridis}, dark for its least value and light for its greatest; cells
   *     keep hard edges, so that the map's true resolution shows
   */
  BufferedImage map(MeanMap map) {
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    double range = map.max() - map.min();
    for (int y = 0; y < height; y++) {
      int line = nearest(y, map.height(), height) * map.width();
      for (int x = 0; x < width; x++) {
        double value = map.values()[line + nearest(x, map.width(), width)];
        int rgb = UNDEFINED_RGB;
        if (Double.isFinite(value)) {
          rgb = Viridis.rgb(range > 0 ? (value - map.min()) / range : 0.5);
        }
        out.setRGB(x, y, rgb);
      }
    }
    return out;
  }
}
