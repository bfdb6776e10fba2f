package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.bench.ImageScore;
import org.riglab.base.PairedBootstrap;
import org.riglab.base.Spread;

/** What became of a table: a cell with its seeds. */
final class AblationCells {
  private AblationCells() {}

  /**
   * A cell.
   *
   * @param row of the file
   * @param seeds one result each
   */
  record Cell(Ablation.Row row, List<Seed> seeds) {
    /** One score per seed, 0 to 1; empty if it is not known. */
    List<Double> scores(String metric) {
      return seeds.stream()
          .map(seed -> seed.score(metric))
          .filter(value -> !Double.isNaN(value))
          .toList();
    }

    Spread spread(String metric) {
      return Spread.of(scores(metric));
    }
  }

  /**
   * One network of a cell.
   *
   * @param seed of weights and training
   * @param network its name
   * @param spec one line
   * @param parameters trainable ones
   * @param iterations scores by metric, per iteration; empty if it was not evaluated
   * @param images counts of every image; empty if not known
   * @param firstLoss of the training; NaN if not known
   * @param lastLoss of the training; NaN if not known
   */
  record Seed(
      long seed,
      String network,
      String spec,
      long parameters,
      List<Map<String, Object>> iterations,
      List<ImageScore> images,
      double firstLoss,
      double lastLoss) {
    double score(String metric) {
      if (iterations.isEmpty()) {
        return Double.NaN;
      }
      Object values = iterations.get(iterations.size() - 1).get("values");
      Object value = values instanceof Map<?, ?> map ? map.get(metric) : null;
      return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
  }

  /**
   * The difference of a cell to the baseline, over the seeds that both have.
   *
   * @return null if it is not known, or the cell is the baseline
   */
  static PairedBootstrap.Difference difference(Cell cell, Cell baseline, String metric) {
    PairedBootstrap.Metric known = PairedBootstrap.Metric.of(metric);
    if (known == null || baseline == null || cell == baseline) {
      return null;
    }
    List<List<ImageScore>> first = new ArrayList<>();
    List<List<ImageScore>> second = new ArrayList<>();
    Map<Long, Seed> others = new LinkedHashMap<>();
    baseline.seeds().forEach(seed -> others.put(seed.seed(), seed));
    for (Seed seed : cell.seeds()) {
      Seed other = others.get(seed.seed());
      if (other != null
          && !seed.images().isEmpty()
          && seed.images().size() == other.images().size()) {
        first.add(seed.images());
        second.add(other.images());
      }
    }
    return first.isEmpty() ? null : PairedBootstrap.of(known, first, second);
  }
}
