package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab.Query;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** Collects what {@link Health} reports. */
final class HealthReport {
  private final Path home;
  private final LabStore lab;
  private final Workers workers;
  private final Watchdog watchdog;
  private final LeakedThreads leaked;

  HealthReport(Path home, LabStore lab, Workers workers, Watchdog watchdog, LeakedThreads leaked) {
    this.home = home;
    this.lab = lab;
    this.workers = workers;
    this.watchdog = watchdog;
    this.leaked = leaked;
  }

  /**
   * @param sources of further checks
   */
  Health now(List<Health.Source> sources) {
    List<Health.Check> checks = new ArrayList<>(watchdog.checks());
    Map<State, Long> counts = Map.of();
    List<Worker> now = workers.now();
    try {
      counts = lab.store().counts();
      checks.add(
          new Health.Check(
              "store",
              Health.Status.OK,
              counts.values().stream().mapToLong(n -> n).sum() + " runs"));
      for (Run run : lab.store().list(Query.of(State.RUNNING)).runs()) {
        for (String warning : run.warnings()) {
          checks.add(new Health.Check("run " + run.id(), Health.Status.WARN, warning));
        }
      }
      unserved(now)
          .ifPresent(line -> checks.add(new Health.Check("queue", Health.Status.WARN, line)));
    } catch (RigException e) {
      checks.add(new Health.Check("store", Health.Status.CRITICAL, e.getMessage()));
    }
    leaked
        .lines()
        .forEach(line -> checks.add(new Health.Check("threads", Health.Status.WARN, line)));
    sources.forEach(source -> checks.addAll(source.checks()));
    return new Health(
        !now.isEmpty(),
        workers.owner(),
        checks,
        counts,
        now.stream().map(HealthReport::worker).toList(),
        Machine.freeDisk(home),
        Machine.resident().orElse(0));
  }

  private static Health.Worker worker(Worker worker) {
    return new Health.Worker(
        worker.device(), worker.active().map(control -> control.run().id()).orElse(0L));
  }

  /** A run that asks for a device that no worker has would wait without end. */
  private Optional<String> unserved(List<Worker> now) {
    List<String> served = now.stream().map(Worker::device).distinct().toList();
    if (served.isEmpty()) {
      return Optional.empty();
    }
    List<Run> lost =
        lab.store().list(Query.of(State.QUEUED)).runs().stream()
            .filter(run -> !run.device().equals("auto") && !served.contains(run.device()))
            .toList();
    return lost.stream()
        .findFirst()
        .map(
            run ->
                "run %d waits for %s%s; this server works on %s: cancel it, or set devices"
                    .formatted(
                        run.id(),
                        run.device(),
                        lost.size() > 1 ? ", and %d more likewise".formatted(lost.size() - 1) : "",
                        String.join(", ", served)));
  }
}
