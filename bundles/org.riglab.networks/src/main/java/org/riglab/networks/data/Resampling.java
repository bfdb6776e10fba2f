package org.riglab.networks.data;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.riglab.api.data.Sample;
import org.riglab.images.PixelCentres;

/**
 * Brings images and labels to another size. Pixel centres lie at half numbers, as in PyTorch with
 * {@code align_corners=False}.
 */
public final class Resampling {
  private Resampling() {}

  /**
   * @param sample of any size
   * @param height H in pixels
   * @param width W in pixels
   * @return the sample in that size; itself if it has it already
   */
  public static Sample resize(Sample sample, int height, int width) {
    if (sample.height() == height && sample.width() == width) {
      return sample;
    }
    return new Sample(
        sample.id(),
        height,
        width,
        image(sample.image(), sample.height(), sample.width(), height, width),
        label(sample.label(), sample.height(), sample.width(), height, width));
  }

  /**
   * Resizes an image, each axis on its own: bilinear where it grows, the mean over the area that
   * each new pixel covers where it shrinks.
   *
   * @param rgb height*width*3 bytes
   * @param height of the image
   * @param width of the image
   * @param newHeight of the result
   * @param newWidth of the result
   * @return newHeight*newWidth*3 bytes; the image itself if it has that size
   */
  public static byte[] image(byte[] rgb, int height, int width, int newHeight, int newWidth) {
    if (height == newHeight && width == newWidth) {
      return rgb;
    }
    Tap[] columns = taps(width, newWidth);
    float[] narrow = new float[height * newWidth * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < newWidth; x++) {
        Tap tap = columns[x];
        int at = (y * width + tap.start) * 3;
        float red = 0;
        float green = 0;
        float blue = 0;
        for (float weight : tap.weights) {
          red += weight * Byte.toUnsignedInt(rgb[at++]);
          green += weight * Byte.toUnsignedInt(rgb[at++]);
          blue += weight * Byte.toUnsignedInt(rgb[at++]);
        }
        int to = (y * newWidth + x) * 3;
        narrow[to] = red;
        narrow[to + 1] = green;
        narrow[to + 2] = blue;
      }
    }
    Tap[] rows = taps(height, newHeight);
    int stride = newWidth * 3;
    byte[] result = new byte[newHeight * stride];
    float[] row = new float[stride];
    for (int y = 0; y < newHeight; y++) {
      Arrays.fill(row, 0.5f); // rounds to the nearest
      int at = rows[y].start * stride;
      for (float weight : rows[y].weights) {
        for (int i = 0; i < stride; i++) {
          row[i] += weight * narrow[at++];
        }
      }
      for (int i = 0; i < stride; i++) {
        result[y * stride + i] = (byte) Math.min(255, (int) row[i]);
      }
    }
    return result;
  }

  /**
   * Resizes a label map: each new pixel takes the label at its centre.
   *
   * @param labels height*width bytes
   * @param height of the map
   * @param width of the map
   * @param newHeight of the result
   * @param newWidth of the result
   * @return newHeight*newWidth bytes
   */
  public static byte[] label(byte[] labels, int height, int width, int newHeight, int newWidth) {
    int[] columns =
        IntStream.range(0, newWidth).map(x -> PixelCentres.nearest(x, width, newWidth)).toArray();
    byte[] result = new byte[newHeight * newWidth];
    for (int y = 0; y < newHeight; y++) {
      int row = PixelCentres.nearest(y, height, newHeight) * width;
      for (int x = 0; x < newWidth; x++) {
        result[y * newWidth + x] = labels[row + columns[x]];
      }
    }
    return result;
  }

  private static Tap[] taps(int size, int newSize) {
    Tap[] taps = new Tap[newSize];
    for (int i = 0; i < newSize; i++) {
      taps[i] = newSize < size ? area(i, size, newSize) : bilinear(i, size, newSize);
    }
    return taps;
  }

  private static Tap bilinear(int index, int size, int newSize) {
    double centre = PixelCentres.centre(index, size, newSize);
    int start = (int) centre;
    float t = (float) (centre - start);
    return new Tap(start, t == 0 ? new float[] {1} : new float[] {1 - t, t});
  }

  private static Tap area(long index, long size, long newSize) {
    // in units of 1/newSize of an old pixel, to be exact
    long from = index * size;
    long to = from + size;
    int start = (int) (from / newSize);
    int end = (int) ((to + newSize - 1) / newSize);
    float[] weights = new float[end - start];
    for (int k = start; k < end; k++) {
      long covered = Math.min((k + 1) * newSize, to) - Math.max(k * newSize, from);
      weights[k - start] = (float) covered / size;
    }
    return new Tap(start, weights);
  }

  /** The old pixels that make a new one. */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  private record Tap(int start, float[] weights) {}
}
