package org.riglab.testkit.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.riglab.api.Provider;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Metric;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Unroll;

/** The contract of a part, whatever its kind. */
final class Contracts {
  /** What a part can be. */
  static final List<Class<? extends Provider>> KINDS =
      List.of(Backbone.class, Dataset.class, Gate.class, Metric.class, Unroll.class);

  private Contracts() {}

  /**
   * Runs a whole contract.
   *
   * @param ended is told each check as it ends
   */
  static void run(
      Provider part,
      String name,
      Map<String, Object> options,
      Optional<Path> data,
      Tools tools,
      Consumer<PluginChecks.Check> ended) {
    if (part instanceof Gate gate) {
      run(GateChecks.ALL, new Subject<>(Gate.KIND, name, gate, options, tools), ended);
    } else if (part instanceof Backbone backbone) {
      run(BackboneChecks.ALL, new Subject<>(Backbone.KIND, name, backbone, options, tools), ended);
    } else if (part instanceof Unroll unroll) {
      run(UnrollChecks.ALL, new Subject<>(Unroll.KIND, name, unroll, options, tools), ended);
    } else if (part instanceof Metric metric) {
      run(MetricChecks.ALL, new Subject<>(Metric.KIND, name, metric, options, tools), ended);
    } else if (part instanceof Dataset dataset) {
      Subject<Dataset> subject = new Subject<>(Dataset.KIND, name, dataset, options, tools);
      DatasetSubject opened = new DatasetSubject(subject, data);
      for (Check<DatasetSubject> check : DatasetChecks.ALL) {
        ended.accept(run(subject.title(), check, opened));
      }
    }
  }

  private static <P extends Provider> void run(
      List<Check<Subject<P>>> checks, Subject<P> subject, Consumer<PluginChecks.Check> ended) {
    for (Check<Subject<P>> check : checks) {
      ended.accept(run(subject.title(), check, subject));
    }
  }

  /** Runs one check. */
  static <S> PluginChecks.Check run(String part, Check<S> check, S subject) {
    long begin = System.nanoTime();
    Check.Outcome outcome = check.run(subject);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    return new PluginChecks.Check(
        part, check.name(), outcome.verdict(), outcome.sentence(), millis);
  }
}
