package org.riglab.images;

/**
 * Where the pixels of a resized image lie in the original, along one axis. Pixel centres lie at
 * half numbers, as in PyTorch with {@code align_corners=False}.
 */
public final class PixelCentres {
  private PixelCentres() {}

  /**
   * @param index of a new pixel
   * @param size old size in pixels
   * @param newSize new size in pixels
   * @return the old pixel in which the new one's centre lies
   */
  public static int nearest(int index, int size, int newSize) {
    return (int) ((2L * index + 1) * size / (2L * newSize));
  }

  /**
   * @param index of a new pixel
   * @param size old size in pixels
   * @param newSize new size in pixels
   * @return where the new pixel's centre lies, 0 at the first old centre, size-1 at the last;
   *     beyond them the edge
   */
  public static double centre(int index, int size, int newSize) {
    double at = ((2L * index + 1) * size - newSize) / (2.0 * newSize);
    return Math.max(0, Math.min(size - 1, at));
  }
}
