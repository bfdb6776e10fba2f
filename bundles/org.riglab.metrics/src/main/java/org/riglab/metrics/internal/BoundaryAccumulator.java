package org.riglab.metrics.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Scores;

/**
 * The sum of F-scores per class and how many images have one.
 *
 * <p>The boundary of a class are its pixels of which one of the four neighbours in the image has
 * another label. Void is taken out of both maps: a prediction on void does not matter, and what
 * borders on void is boundary in both, because PASCAL VOC's void lies on the boundaries. Precision
 * is the share of predicted boundary pixels with a true one of the same class no further away
 * (between pixel centres) than the tolerance, recall the share of true ones with a predicted one.
 * An image in which only one of the maps has a boundary of the class scores 0.
 */
final class BoundaryAccumulator implements Accumulator {
  private static final byte NONE = (byte) Dataset.VOID;

  private final int classes;
  private final double tolerance;
  private final double[] sums;
  private final long[] images;
  private Disk disk = Disk.of(0);

  /**
   * @param classes how many
   * @param tolerance share of the image's diagonal
   */
  BoundaryAccumulator(int classes, double tolerance) {
    this.classes = classes;
    this.tolerance = tolerance;
    this.sums = new double[classes];
    this.images = new long[classes];
  }

  /** Steps to all pixels within a radius, the nearest first. */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  private record Disk(double radius, int[] down, int[] right) {
    static Disk of(double radius) {
      int r = (int) radius;
      List<int[]> steps = new ArrayList<>();
      for (int y = -r; y <= r; y++) {
        for (int x = -r; x <= r; x++) {
          if (y * y + x * x <= radius * radius) {
            steps.add(new int[] {y, x});
          }
        }
      }
      steps.sort(Comparator.comparingInt(s -> s[0] * s[0] + s[1] * s[1]));
      return new Disk(
          radius,
          steps.stream().mapToInt(s -> s[0]).toArray(),
          steps.stream().mapToInt(s -> s[1]).toArray());
    }
  }

  @Override
  public void add(byte[] prediction, byte[] label, int height, int width) {
    Maps.checkSize(BoundaryMetric.NAME, prediction, label, height, width);
    byte[] predicted = prediction.clone();
    for (int i = 0; i < label.length; i++) {
      Maps.checkLabel(BoundaryMetric.NAME, Byte.toUnsignedInt(label[i]), classes);
      if (label[i] == NONE) {
        predicted[i] = NONE;
      }
    }
    double radius = tolerance * Math.hypot(height, width);
    if (disk.radius != radius) {
      disk = Disk.of(radius);
    }
    byte[] predictedBoundary = boundary(predicted, height, width);
    byte[] trueBoundary = boundary(label, height, width);
    long[] predictedPixels = count(predictedBoundary);
    long[] truePixels = count(trueBoundary);
    long[] hits = matched(predictedBoundary, trueBoundary, height, width);
    long[] found = matched(trueBoundary, predictedBoundary, height, width);
    for (int c = 0; c < classes; c++) {
      if (predictedPixels[c] + truePixels[c] > 0) {
        images[c]++;
        if (hits[c] > 0) {
          double precision = (double) hits[c] / predictedPixels[c];
          double recall = (double) found[c] / truePixels[c];
          sums[c] += 2 * precision * recall / (precision + recall);
        }
      }
    }
  }

  /** The class at its boundary pixels, NONE elsewhere. */
  private byte[] boundary(byte[] map, int height, int width) {
    byte[] boundary = new byte[map.length];
    Arrays.fill(boundary, NONE);
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        byte own = map[i];
        if (Byte.toUnsignedInt(own) < classes
            && (y > 0 && map[i - width] != own
                || y < height - 1 && map[i + width] != own
                || x > 0 && map[i - 1] != own
                || x < width - 1 && map[i + 1] != own)) {
          boundary[i] = own;
        }
      }
    }
    return boundary;
  }

  private long[] count(byte[] boundary) {
    long[] counts = new long[classes];
    for (byte c : boundary) {
      if (c != NONE) {
        counts[Byte.toUnsignedInt(c)]++;
      }
    }
    return counts;
  }

  /** How many pixels of each class have one of their class in the other map near them. */
  private long[] matched(byte[] boundary, byte[] other, int height, int width) {
    long[] matched = new long[classes];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++, i++) {
        if (boundary[i] != NONE && near(boundary[i], other, y, x, height, width)) {
          matched[Byte.toUnsignedInt(boundary[i])]++;
        }
      }
    }
    return matched;
  }

  private boolean near(byte c, byte[] other, int y, int x, int height, int width) {
    for (int k = 0; k < disk.down.length; k++) {
      int v = y + disk.down[k];
      int u = x + disk.right[k];
      if (v >= 0 && v < height && u >= 0 && u < width && other[v * width + u] == c) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void merge(Accumulator other) {
    if (!(other instanceof BoundaryAccumulator that)
        || that.classes != classes
        || that.tolerance != tolerance) {
      throw new IllegalArgumentException(
          "Not an accumulator of %d classes at tolerance %s: %s"
              .formatted(classes, tolerance, other));
    }
    for (int c = 0; c < classes; c++) {
      sums[c] += that.sums[c];
      images[c] += that.images[c];
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A class's BF is the mean over the images in which label or prediction has a boundary of it;
   * BF is the mean over the classes that have such an image.
   */
  @Override
  public Scores result() {
    List<Double> scores = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      scores.add(images[c] == 0 ? Double.NaN : sums[c] / images[c]);
    }
    return new Scores(Map.of("BF", Maps.mean(scores)), Map.of("BF", scores), List.of());
  }
}
