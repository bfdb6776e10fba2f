package org.riglab.report.internal;

import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;

/**
 * A feature or gate map, as its mean over channels.
 *
 * @param height H
 * @param width W
 * @param values H*W numbers, row by row
 * @param min least finite value; NaN if there is none
 * @param max greatest finite value; NaN if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
record MeanMap(int height, int width, double[] values, double min, double max) {
  /**
   * @param map the map
   * @param title for the message
   * @return its mean
   * @throws RigException if the number of values is not C*H*W
   */
  static MeanMap of(FeatureMap map, String title) {
    int cells = map.height() * map.width();
    if (map.channels() < 1 || cells < 1 || map.values().length != (long) map.channels() * cells) {
      throw new RigException(
          String.format(
              "map %s has %d values, not %d x %d x %d",
              title, map.values().length, map.channels(), map.height(), map.width()));
    }
    double[] mean = new double[cells];
    double min = Double.NaN;
    double max = Double.NaN;
    for (int i = 0; i < cells; i++) {
      double sum = 0;
      for (int c = 0; c < map.channels(); c++) {
        sum += map.values()[c * cells + i];
      }
      mean[i] = sum / map.channels();
      if (Double.isFinite(mean[i])) {
        min = Double.isNaN(min) ? mean[i] : Math.min(min, mean[i]);
        max = Double.isNaN(max) ? mean[i] : Math.max(max, mean[i]);
      }
    }
    return new MeanMap(map.height(), map.width(), mean, min, max);
  }

  /**
   * @return the range for people, for example {@code 0.412 to 0.587}
   */
  String range() {
    return Numbers.significant(min) + " to " + Numbers.significant(max);
  }
}
