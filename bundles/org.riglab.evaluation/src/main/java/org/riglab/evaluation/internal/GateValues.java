package org.riglab.evaluation.internal;

import java.util.Arrays;
import java.util.List;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inspection;

/** Values of one gate map over many images. */
final class GateValues {
  static final int BINS = 20;
  private static final double DEAD = 0.05;
  private static final double SATURATED = 0.95;

  private final long[] histogram = new long[BINS + 1];
  private double[] most = {};
  private double sum;
  private double squares;
  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;
  private long saturated;
  private long count;

  void add(FeatureMap map) {
    if (most.length == 0) {
      most = new double[map.channels()];
    }
    int pixels = map.height() * map.width();
    for (int i = 0; i < map.values().length; i++) {
      double value = map.values()[i];
      double size = Math.abs(value);
      int channel = i / pixels;
      most[channel] = Math.max(most[channel], size);
      sum += value;
      squares += value * value;
      low = Math.min(low, value);
      high = Math.max(high, value);
      saturated += size > SATURATED ? 1 : 0;
      boolean inside = value >= 0 && value <= 1;
      histogram[inside ? Math.min(BINS - 1, (int) (value * BINS)) : BINS]++;
    }
    count += map.values().length;
  }

  Inspection.Gate result() {
    double mean = sum / count;
    List<Long> counts = Arrays.stream(histogram).boxed().toList();
    return new Inspection.Gate(
        mean,
        Math.sqrt(Math.max(0, squares / count - mean * mean)),
        low,
        high,
        Arrays.stream(most).filter(m -> m < DEAD).count() / (double) most.length,
        saturated / (double) count,
        counts);
  }
}
