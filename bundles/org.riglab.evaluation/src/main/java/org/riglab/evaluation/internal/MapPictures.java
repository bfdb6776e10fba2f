package org.riglab.evaluation.internal;

import java.util.Arrays;
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

  /**
   * The channels side by side, in rows of about equal number; what is left of the last row is as
   * the smallest value.
   *
   * @param most channels that are shown, the first ones
   */
  static FeatureMap channels(FeatureMap map, int most) {
    int count = Math.min(map.channels(), most);
    int columns = (int) Math.ceil(Math.sqrt(count));
    int rows = (count + columns - 1) / columns;
    int width = columns * map.width();
    float[] values = new float[rows * map.height() * width];
    float least = Float.POSITIVE_INFINITY;
    for (int i = 0; i < count * map.height() * map.width(); i++) {
      least = Math.min(least, map.values()[i]);
    }
    Arrays.fill(values, least);
    for (int c = 0; c < count; c++) {
      for (int y = 0; y < map.height(); y++) {
        System.arraycopy(
            map.values(),
            (c * map.height() + y) * map.width(),
            values,
            (c / columns * map.height() + y) * width + c % columns * map.width(),
            map.width());
      }
    }
    return new FeatureMap(1, rows * map.height(), width, values);
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
