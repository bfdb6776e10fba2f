package org.riglab.images;

/** Turns pixels as the EXIF orientation says (JEITA CP-3451, tag 274). */
final class Orientation {
  private Orientation() {}

  /** Whether a turned image has its height where the stored one has its width. */
  static boolean swaps(int orientation) {
    return orientation >= 5;
  }

  /**
   * @param height of the stored pixels
   * @param width of the stored pixels
   * @param channels of a pixel, one byte each
   * @param values the stored pixels
   * @param orientation 1 to 8
   * @return the pixels upright; the same array for 1
   */
  static Pixels upright(int height, int width, int channels, byte[] values, int orientation) {
    if (orientation == 1) {
      return new Pixels(height, width, values);
    }
    int newHeight = swaps(orientation) ? width : height;
    int newWidth = swaps(orientation) ? height : width;
    byte[] turned = new byte[values.length];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        int a = swaps(orientation) ? x : y;
        int b = swaps(orientation) ? y : x;
        int row = fromBottom(orientation) ? height - 1 - a : a;
        int column = fromRight(orientation) ? width - 1 - b : b;
        System.arraycopy(
            values,
            (row * width + column) * channels,
            turned,
            (y * newWidth + x) * channels,
            channels);
      }
    }
    return new Pixels(newHeight, newWidth, turned);
  }

  private static boolean fromBottom(int orientation) {
    return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  }

  private static boolean fromRight(int orientation) {
    return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  }
}
