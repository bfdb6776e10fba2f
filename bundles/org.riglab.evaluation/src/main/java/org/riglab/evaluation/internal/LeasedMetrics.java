package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.Options;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Registry;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Metric.Against;
import org.riglab.api.metric.Scores;
import org.riglab.parts.PartSpecs;

/** The metrics of an evaluation. */
final class LeasedMetrics implements AutoCloseable {
  private final int classes;
  private final List<Used> used = new ArrayList<>();

  private record Used(PartSpec spec, Lease<Metric> lease, Options options) {}

  /**
   * A metric's score in the making.
   *
   * @param name of the metric, with its options
   * @param against what predictions are compared with
   * @param accumulator counts
   */
  record Score(String name, Against against, Accumulator accumulator) {}

  private LeasedMetrics(int classes) {
    this.classes = classes;
  }

  /**
   * @param registry where metrics are found
   * @param specs the metrics
   * @param classes labels 0 to classes-1 count
   * @param user who asks
   * @return the metrics, to be closed
   * @throws org.riglab.api.RigException if there is no such metric, or an option is wrong
   */
  static LeasedMetrics lease(Registry registry, List<PartSpec> specs, int classes, String user) {
    LeasedMetrics metrics = new LeasedMetrics(classes);
    boolean complete = false;
    try {
      for (PartSpec spec : specs) {
        Lease<Metric> lease = registry.lease(Metric.class, spec.name(), user);
        metrics.used.add(new Used(spec, lease, null));
        Options options =
            registry.options("metric " + spec.name(), lease.service(), spec.options());
        metrics.used.set(metrics.used.size() - 1, new Used(spec, lease, options));
      }
      metrics.scores(); // options out of range are found before the first image
      complete = true;
      return metrics;
    } finally {
      if (!complete) {
        metrics.close();
      }
    }
  }

  List<PartInfo> parts() {
    return used.stream().map(u -> u.lease.part()).toList();
  }

  /** Empty scores, one per metric. */
  List<Score> scores() {
    return used.stream()
        .map(
            u ->
                new Score(
                    PartSpecs.write(u.spec),
                    u.lease.service().against(),
                    u.lease.service().accumulator(classes, u.options)))
        .toList();
  }

  /**
   * All results in one. A value whose name an earlier metric has taken is named after its own
   * metric, too; the confusion matrix is the first that there is.
   */
  static Scores joined(List<Score> scores) {
    Map<String, Double> values = new LinkedHashMap<>();
    Map<String, List<Double>> perClass = new LinkedHashMap<>();
    List<List<Long>> confusion = List.of();
    for (Score score : scores) {
      Scores result = score.accumulator().result();
      result.values().forEach((name, value) -> put(values, name, score.name(), value));
      result.perClass().forEach((name, list) -> put(perClass, name, score.name(), list));
      if (confusion.isEmpty()) {
        confusion = result.confusion();
      }
    }
    return new Scores(values, perClass, confusion);
  }

  private static <V> void put(Map<String, V> all, String name, String metric, V value) {
    all.put(all.containsKey(name) ? metric + " " + name : name, value);
  }

  @Override
  public void close() {
    used.forEach(u -> u.lease.close());
  }
}
