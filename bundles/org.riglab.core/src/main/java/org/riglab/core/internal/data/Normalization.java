package org.riglab.core.internal.data;

import java.nio.FloatBuffer;
import java.util.List;
import org.riglab.api.RigException;

/**
 * Brings pixels to (value / 255 - mean) / std, channel by channel.
 *
 * @param mean of red, green, blue; pixels are 0 to 1
 * @param std of red, green, blue, above 0
 */
public record Normalization(List<Double> mean, List<Double> std) {
  /** Channels of an image. */
  static final int CHANNELS = 3;

  /** Copies the lists. */
  public Normalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != CHANNELS || std.size() != CHANNELS) {
      throw new RigException(
          "mean has %d and std %d numbers, expected one for each of red, green, blue"
              .formatted(mean.size(), std.size()));
    }
    for (double s : std) {
      if (!(s > 0)) {
        throw new RigException("std " + s + ", expected numbers above 0");
      }
    }
  }

  /**
   * Writes an image as (3, H, W).
   *
   * @param rgb H*W*3 bytes
   * @param out where to
   * @param offset index of the first number
   */
  public void write(byte[] rgb, FloatBuffer out, int offset) {
    int pixels = rgb.length / CHANNELS;
    float[] plane = new float[pixels];
    for (int c = 0; c < CHANNELS; c++) {
      float scale = scale(c);
      float shift = shift(c);
      for (int i = 0, k = c; i < pixels; i++, k += CHANNELS) {
        plane[i] = Byte.toUnsignedInt(rgb[k]) * scale + shift;
      }
      out.put(offset + c * pixels, plane);
    }
  }

  float scale(int channel) {
    return (float) (1 / (255 * std.get(channel)));
  }

  float shift(int channel) {
    return (float) (-mean.get(channel) / std.get(channel));
  }
}
