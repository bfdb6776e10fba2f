package org.riglab.training.internal;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.Resampling;

/**
 * Random scale, crop and flip. The scaled image is never made: each pixel of the crop is looked up
 * in the original, bilinear for the image, nearest for the label. Where the scaled image is smaller
 * than the crop it lies at a random place in it, over the mean colour and void.
 *
 * @param height H of the crop
 * @param width W of the crop
 * @param minScale smallest factor on the image's size
 * @param maxScale largest factor
 * @param flip whether to mirror every other image, left to right
 * @param normalization of the pixels
 */
public record Augmentation(
    int height,
    int width,
    double minScale,
    double maxScale,
    boolean flip,
    Normalization normalization) {
  /** Checks the ranges. */
  public Augmentation {
    if (height < 1 || width < 1) {
      throw new RigException(
          "crop of %d x %d, expected at least 1 x 1 (H x W)".formatted(height, width));
    }
    if (!(minScale > 0 && maxScale >= minScale)) {
      throw new RigException(
          "scale from %s to %s, expected two numbers above 0, the smaller one first"
              .formatted(minScale, maxScale));
    }
  }

  /**
   * Writes one crop into a batch.
   *
   * @param sample where from
   * @param random decides; a stream of its own for each crop
   * @param slot index in the batch
   * @param images (N, 3, H, W)
   * @param labels (N, H, W)
   */
  void crop(
      Sample sample, SplittableRandom random, int slot, FloatBuffer images, ByteBuffer labels) {
    double scale = minScale + (maxScale - minScale) * random.nextDouble();
    boolean mirror = random.nextBoolean() && flip;
    Axis rows = Axis.random(sample.height(), scale, height, random, false);
    Axis columns = Axis.random(sample.width(), scale, width, random, mirror);

    byte[] rgb = sample.image();
    int stride = sample.width() * 3;
    float[][] line = new float[Normalization.CHANNELS][width];
    byte[] labelLine = new byte[width];
    for (int y = 0; y < height; y++) {
      boolean outside = rows.near[y] < 0;
      Arrays.fill(labelLine, (byte) Dataset.VOID);
      for (int c = 0; c < Normalization.CHANNELS; c++) {
        float[] values = line[c];
        Arrays.fill(values, 0); // the mean colour
        if (!outside) {
          float factor = normalization.scale(c);
          float shift = normalization.shift(c);
          int top = rows.first[y] * stride + normalization.source(c);
          int bottom = rows.second[y] * stride + normalization.source(c);
          float down = rows.weight[y];
          for (int x = columns.begin; x < columns.end; x++) {
            int left = columns.first[x] * 3;
            int right = columns.second[x] * 3;
            float across = columns.weight[x];
            float upper = mix(rgb[top + left], rgb[top + right], across);
            float lower = mix(rgb[bottom + left], rgb[bottom + right], across);
            values[x] = (upper + down * (lower - upper)) * factor + shift;
          }
        }
        images.put(((slot * Normalization.CHANNELS + c) * height + y) * width, values);
      }
      if (!outside) {
        int row = rows.near[y] * sample.width();
        for (int x = columns.begin; x < columns.end; x++) {
          labelLine[x] = sample.label()[row + columns.near[x]];
        }
      }
      labels.put((slot * height + y) * width, labelLine);
    }
  }

  private static float mix(byte a, byte b, float weight) {
    int from = Byte.toUnsignedInt(a);
    return from + weight * (Byte.toUnsignedInt(b) - from);
  }

  /** Where the crop's pixels lie in the original, along one axis. */
  private static final class Axis {
    /** Crop pixels from begin to end-1 lie in the image, the others outside. */
    final int begin;

    final int end;
    final int[] first;
    final int[] second;
    final float[] weight;

    /** The nearest original pixel; -1 outside. */
    final int[] near;

    static Axis random(int size, double scale, int crop, SplittableRandom random, boolean mirror) {
      int scaled = Math.max(1, (int) Math.rint(size * scale));
      int slack = scaled - crop;
      int offset = Integer.signum(slack) * random.nextInt(Math.abs(slack) + 1);
      return new Axis(size, scaled, offset, crop, mirror);
    }

    private Axis(int size, int scaled, int offset, int crop, boolean mirror) {
      int inside = Math.max(0, -offset);
      int outside = Math.min(crop, scaled - offset);
      begin = mirror ? crop - outside : inside;
      end = mirror ? crop - inside : outside;
      first = new int[crop];
      second = new int[crop];
      weight = new float[crop];
      near = new int[crop];
      Arrays.fill(near, -1);
      for (int i = begin; i < end; i++) {
        int at = offset + (mirror ? crop - 1 - i : i);
        double centre = Resampling.centre(at, size, scaled);
        first[i] = (int) centre;
        second[i] = Math.min(size - 1, first[i] + 1);
        weight[i] = (float) (centre - first[i]);
        near[i] = Resampling.nearest(at, size, scaled);
      }
    }
  }
}
