package org.riglab.testkit.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.riglab.api.Provider;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Metric;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.Unroll;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Transform;

/** The contract of a part, whatever its kind. */
final class Contracts {
  private Contracts() {}

  /**
   * Runs a whole contract, up to the check from which the part does not come back.
   *
   * @param limit how long no call of the part may begin or end
   * @param ended is told each check as it ends
   * @return whether the part came back from all
   */
  static boolean run(
      Provider part,
      String name,
      Map<String, Object> options,
      Optional<Path> data,
      Tools tools,
      Duration limit,
      Consumer<PluginChecks.Check> ended) {
    if (part instanceof Gate gate) {
      return run(
          GateChecks.ALL, new Subject<>(Gate.KIND, name, gate, options, tools), limit, ended);
    } else if (part instanceof Backbone backbone) {
      return run(
          BackboneChecks.ALL,
          new Subject<>(Backbone.KIND, name, backbone, options, tools),
          limit,
          ended);
    } else if (part instanceof Head head) {
      return run(
          HeadChecks.ALL, new Subject<>(Head.KIND, name, head, options, tools), limit, ended);
    } else if (part instanceof Unroll unroll) {
      return run(
          UnrollChecks.ALL, new Subject<>(Unroll.KIND, name, unroll, options, tools), limit, ended);
    } else if (part instanceof Metric metric) {
      return run(
          MetricChecks.ALL, new Subject<>(Metric.KIND, name, metric, options, tools), limit, ended);
    } else if (part instanceof Loss loss) {
      return run(
          LossChecks.ALL, new Subject<>(Loss.KIND, name, loss, options, tools), limit, ended);
    } else if (part instanceof Transform transform) {
      return run(
          TransformChecks.ALL,
          new Subject<>(Transform.KIND, name, transform, options, tools),
          limit,
          ended);
    } else if (part instanceof Dataset dataset) {
      Subject<Dataset> subject = new Subject<>(Dataset.KIND, name, dataset, options, tools);
      DatasetSubject opened = new DatasetSubject(subject, data);
      return run(DatasetChecks.ALL, subject.title(), opened, limit, ended);
    }
    return true;
  }

  private static <P extends Provider> boolean run(
      List<Check<Subject<P>>> checks,
      Subject<P> subject,
      Duration limit,
      Consumer<PluginChecks.Check> ended) {
    return run(checks, subject.title(), subject, limit, ended);
  }

  private static <S> boolean run(
      List<Check<S>> checks,
      String part,
      S subject,
      Duration limit,
      Consumer<PluginChecks.Check> ended) {
    for (Check<S> check : checks) {
      long begin = System.nanoTime();
      Check.Outcome outcome;
      boolean back = true;
      try {
        outcome = check.run(subject, limit);
      } catch (Hung e) {
        back = false;
        outcome = new Check.Outcome(Verdict.FAILED, e.getMessage() + "; no other check was run");
      }
      ended.accept(report(part, check.name(), outcome, begin));
      if (!back) {
        return false;
      }
    }
    return true;
  }

  /** Runs one check. */
  static <S> PluginChecks.Check run(String part, Check<S> check, S subject) {
    long begin = System.nanoTime();
    return report(part, check.name(), check.run(subject), begin);
  }

  private static PluginChecks.Check report(
      String part, String name, Check.Outcome outcome, long begin) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    return new PluginChecks.Check(part, name, outcome.verdict(), outcome.sentence(), millis);
  }
}
