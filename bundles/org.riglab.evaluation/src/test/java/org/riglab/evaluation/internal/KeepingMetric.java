package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.riglab.api.Options;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;

/** Keeps every prediction, image by image; expects as many iterations for each. */
final class KeepingMetric implements Metric {
  private final List<List<byte[]>> images;
  private final int iterations;
  private int added;

  KeepingMetric(List<List<byte[]>> images, int iterations) {
    this.images = images;
    this.iterations = iterations;
  }

  @Override
  public Against against() {
    return Against.LABEL;
  }

  @Override
  public Accumulator accumulator(int classes, Options options) {
    return new Accumulator() {
      @Override
      public void add(byte[] prediction, byte[] label, int height, int width) {
        if (added % iterations == 0) {
          images.add(new ArrayList<>());
        }
        images.get(images.size() - 1).add(prediction.clone());
        added++;
      }

      @Override
      public void merge(Accumulator other) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Scores result() {
        return new Scores(Map.of(), Map.of(), List.of());
      }
    };
  }
}
