package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.bench.Inspection.Bin;
import org.riglab.api.bench.Inspection.Group;
import org.riglab.api.data.Dataset;

/** Accuracy per iteration in groups of pixels. */
final class PixelGroups {
  private final String name;
  private final String unit;
  private final double[] edges;
  private final long[] pixels;
  private final List<long[]> right = new ArrayList<>();

  /**
   * @param edges ascending; a bin from each to the next, the last one without end
   */
  PixelGroups(String name, String unit, double... edges) {
    this.name = name;
    this.unit = unit;
    this.edges = edges;
    this.pixels = new long[edges.length];
  }

  /**
   * Adds an image.
   *
   * @param values per pixel; infinite to leave it out
   * @param predictions per iteration, as many for every image
   */
  void add(double[] values, byte[] label, List<byte[]> predictions) {
    while (right.size() < predictions.size()) {
      right.add(new long[edges.length]);
    }
    for (int i = 0; i < label.length; i++) {
      if ((label[i] & 0xff) != Dataset.VOID && Double.isFinite(values[i])) {
        int bin = bin(values[i]);
        if (bin >= 0) {
          pixels[bin]++;
          for (int t = 0; t < predictions.size(); t++) {
            right.get(t)[bin] += predictions.get(t)[i] == label[i] ? 1 : 0;
          }
        }
      }
    }
  }

  private int bin(double value) {
    int bin = edges.length - 1;
    while (bin >= 0 && value < edges[bin]) {
      bin--;
    }
    return bin;
  }

  /** The groups; bins without pixels at both ends are left out. */
  Group group() {
    int first = 0;
    while (first < edges.length && pixels[first] == 0) {
      first++;
    }
    int last = edges.length;
    while (last > first && pixels[last - 1] == 0) {
      last--;
    }
    List<Bin> bins = new ArrayList<>();
    for (int b = first; b < last; b++) {
      List<Double> accuracy = new ArrayList<>();
      for (long[] counts : right) {
        accuracy.add(counts[b] / (double) pixels[b]);
      }
      double to = b + 1 < edges.length ? edges[b + 1] : Double.POSITIVE_INFINITY;
      bins.add(new Bin(edges[b], to, pixels[b], accuracy));
    }
    return new Group(name, unit, bins);
  }
}
