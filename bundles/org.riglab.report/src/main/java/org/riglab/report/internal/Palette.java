package org.riglab.report.internal;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;

/**
 * Colours and names of labels, void among them.
 *
 * @param classes the classes
 */
record Palette(ClassTable classes) {
  /** Void where it is drawn plainly. */
  static final int VOID_RGB = 0xE4E4E4;

  /** Lines of the hatching that stands for void beside class colours. */
  static final int VOID_LINE_RGB = 0xA8A8A8;

  /**
   * @param label a class or void
   * @return 0xRRGGBB
   */
  int rgb(int label) {
    return label == Dataset.VOID ? VOID_RGB : classes.entries().get(label).rgb() & 0xFFFFFF;
  }

  /**
   * @param label a class or void
   * @param x column in the picture
   * @param y row in the picture
   * @return 0xRRGGBB, hatched where the label is void
   */
  int hatched(int label, int x, int y) {
    return label == Dataset.VOID && (x + y) % 8 < 2 ? VOID_LINE_RGB : rgb(label);
  }

  /**
   * @param label a class or void
   * @return its name
   */
  String name(int label) {
    return label == Dataset.VOID ? "void" : classes.entries().get(label).name();
  }

  /**
   * @param a 0xRRGGBB
   * @param b 0xRRGGBB
   * @param share of b, 0 to 1
   * @return a (1 - share) + b share, each channel rounded
   */
  static int mix(int a, int b, double share) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = a >> shift & 0xFF;
      int to = b >> shift & 0xFF;
      rgb |= (int) Math.round(from + (to - from) * share) << shift;
    }
    return rgb;
  }

  /**
   * @param labels height*width bytes, checked
   * @param height in pixels
   * @param width in pixels
   * @return a picture whose pixel values are the labels
   */
  BufferedImage indexed(byte[] labels, int height, int width) {
    byte[][] rgb = new byte[3][256];
    for (int label = 0; label < 256; label++) {
      int colour = label < classes.size() || label == Dataset.VOID ? rgb(label) : 0;
      rgb[0][label] = (byte) (colour >> 16);
      rgb[1][label] = (byte) (colour >> 8);
      rgb[2][label] = (byte) colour;
    }
    BufferedImage picture =
        new BufferedImage(
            width,
            height,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, 256, rgb[0], rgb[1], rgb[2]));
    WritableRaster raster = picture.getRaster();
    raster.setDataElements(0, 0, width, height, labels);
    return picture;
  }

  /**
   * Checks a label map.
   *
   * @param labels what should be height*width labels
   * @param height in pixels
   * @param width in pixels
   * @param what it is, for the message
   * @throws RigException if the size is wrong or a label is neither a class nor void
   */
  void check(byte[] labels, int height, int width, String what) {
    if (height < 1 || width < 1 || labels.length != (long) height * width) {
      throw new RigException(
          what + " has " + labels.length + " labels, not " + height + " x " + width);
    }
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i] & 0xFF;
      if (label >= classes.size() && label != Dataset.VOID) {
        throw new RigException(
            String.format(
                "%s has label %d at row %d, column %d; labels are 0 to %d, or %d for void",
                what, label, i / width, i % width, classes.size() - 1, Dataset.VOID));
      }
    }
  }

  /**
   * Checks an image.
   *
   * @param image what should be RGB
   * @param what it is, for the message
   * @throws RigException if the number of bytes is not height*width*3
   */
  static void check(RgbImage image, String what) {
    if (image.height() < 1
        || image.width() < 1
        || image.rgb().length != 3L * image.height() * image.width()) {
      throw new RigException(
          String.format(
              "%s has %d bytes, not %d x %d x 3",
              what, image.rgb().length, image.height(), image.width()));
    }
  }

  /**
   * @param maps label maps
   * @return the labels that occur, ascending, void last
   */
  static List<Integer> occurring(Iterable<byte[]> maps) {
    long[] counts = new long[256];
    maps.forEach(map -> count(map, counts));
    return IntStream.range(0, 256).filter(label -> counts[label] > 0).boxed().toList();
  }

  /**
   * @param labels a label map
   * @return the names of the labels that occur, the one with the most pixels first
   */
  List<String> namesBySize(byte[] labels) {
    long[] counts = new long[256];
    count(labels, counts);
    List<Integer> found = new ArrayList<>(occurring(List.of(labels)));
    found.sort(Comparator.comparingLong(label -> -counts[label]));
    return found.stream().map(this::name).toList();
  }

  private static void count(byte[] labels, long[] counts) {
    for (byte label : labels) {
      counts[label & 0xFF]++;
    }
  }
}
