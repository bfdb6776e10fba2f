package org.riglab.evaluation.internal;

import org.riglab.api.bench.FeatureMap;

/** Maps of one channel that are made from maps of several. */
final class MapPictures {
  private MapPictures() {}

  /** The mean over channels. */
  static FeatureMap mean(FeatureMap map) {
    int pixels = map.height() * map.width();
    float[] values = new float[pixels];
    for (int i = 0; i < map.values().length; i++) {
      values[i % pixels] += map.values()[i] / map.channels();
    }
    return new FeatureMap(1, map.height(), map.width(), values);
  }

  /** The standard deviation over channels. */
  static FeatureMap spread(FeatureMap map) {
    int pixels = map.height() * map.width();
    float[] mean = mean(map).values();
    double[] squares = new double[pixels];
    for (int i = 0; i < map.values().length; i++) {
      double difference = map.values()[i] - mean[i % pixels];
      squares[i % pixels] += difference * difference / map.channels();
    }
    float[] values = new float[pixels];
    for (int i = 0; i < pixels; i++) {
      values[i] = (float) Math.sqrt(squares[i]);
    }
    return new FeatureMap(1, map.height(), map.width(), values);
  }

  /** The probability of a class, from logits. */
  static FeatureMap activation(FeatureMap logits, int shown) {
    int pixels = logits.height() * logits.width();
    float[] values = new float[pixels];
    for (int i = 0; i < pixels; i++) {
      double sum = 0;
      for (int c = 0; c < logits.channels(); c++) {
        sum += Math.exp(logits.values()[c * pixels + i] - logits.values()[shown * pixels + i]);
      }
      values[i] = (float) (1 / sum);
    }
    return new FeatureMap(1, logits.height(), logits.width(), values);
  }

  /** The norm of the difference, divided by the norm of the new values. */
  static double residual(float[] before, float[] now) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < now.length; i++) {
      double step = (double) now[i] - before[i];
      difference += step * step;
      norm += (double) now[i] * now[i];
    }
    return Math.sqrt(difference / norm);
  }
}
