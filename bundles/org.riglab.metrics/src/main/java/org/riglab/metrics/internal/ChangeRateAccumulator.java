package org.riglab.metrics.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Scores;

/** Counts pixels that differ. */
final class ChangeRateAccumulator implements Accumulator {
  private long pixels;
  private long changed;

  @Override
  public void add(byte[] prediction, byte[] before, int height, int width) {
    Maps.checkSize(ChangeRateMetric.NAME, prediction, before, height, width);
    for (int i = 0; i < prediction.length; i++) {
      changed += prediction[i] == before[i] ? 0 : 1;
    }
    pixels += prediction.length;
  }

  @Override
  public void add(NDArray predictions, NDArray before) {
    Maps.checkShape(ChangeRateMetric.NAME, predictions, before);
    try (NDArray differ = predictions.neq(before);
        NDArray ones = differ.toType(DataType.INT64, true);
        NDArray sum = ones.sum()) {
      changed += sum.getLong();
    }
    pixels += predictions.size();
  }

  @Override
  public void merge(Accumulator other) {
    if (!(other instanceof ChangeRateAccumulator that)) {
      throw new IllegalArgumentException("Not a change rate: " + other);
    }
    pixels += that.pixels;
    changed += that.changed;
  }

  @Override
  public Scores result() {
    double rate = pixels == 0 ? Double.NaN : (double) changed / pixels;
    return new Scores(Map.of("changeRate", rate), Map.of(), List.of());
  }
}
