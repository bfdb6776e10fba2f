package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab.Query;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.RequestText;

/** Collects what {@link Health} reports. */
final class HealthReport {
  private final Path home;
  private final LabStore lab;
  private final FoundRuns found;
  private final Workers workers;
  private final Watchdog watchdog;
  private final Limits limits;
  private final Clusters clusters;

  HealthReport(
      Path home,
      LabStore lab,
      FoundRuns found,
      Workers workers,
      Watchdog watchdog,
      Limits limits,
      Clusters clusters) {
    this.home = home;
    this.lab = lab;
    this.found = found;
    this.workers = workers;
    this.watchdog = watchdog;
    this.limits = limits;
    this.clusters = clusters;
  }

  /**
   * @param sources of further checks
   */
  Health now(List<Health.Source> sources) {
    List<Health.Check> checks = new ArrayList<>(watchdog.checks());
    Map<State, Long> counts = Map.of();
    Optional<Supervisor> server = workers.supervisor();
    try {
      counts = lab.store().counts();
      checks.add(
          new Health.Check(
              "store",
              Health.Status.OK,
              counts.values().stream().mapToLong(n -> n).sum() + " runs"));
      checks.addAll(stored());
      for (Run run : lab.store().list(Query.of(State.RUNNING)).runs()) {
        for (String warning : run.warnings()) {
          checks.add(new Health.Check("run " + run.id(), Health.Status.WARN, warning));
        }
      }
      server
          .flatMap(serving -> unserved())
          .ifPresent(line -> checks.add(new Health.Check("queue", Health.Status.WARN, line)));
    } catch (RigException e) {
      checks.add(new Health.Check("store", Health.Status.CRITICAL, e.getMessage()));
    }
    server.ifPresent(serving -> checks.addAll(serving.checks()));
    sources.forEach(source -> checks.addAll(source.checks()));
    return new Health(
        server.isPresent(),
        workers.owner(),
        checks,
        counts,
        server.map(Supervisor::workers).orElse(List.of()),
        Machine.freeDisk(home),
        Machine.resident().orElse(0));
  }

  /** What is wrong with the files of the store. */
  private List<Health.Check> stored() {
    List<Health.Check> checks = new ArrayList<>();
    lab.damage()
        .ifPresent(
            text ->
                checks.add(
                    new Health.Check(
                        "store",
                        Health.Status.CRITICAL,
                        "lab.db is damaged: " + text + "; stop the server and restore a backup")));
    lab.store()
        .orders()
        .notice()
        .ifPresent(text -> checks.add(new Health.Check("store", Health.Status.WARN, text)));
    found
        .damaged()
        .forEach(
            (folder, why) ->
                checks.add(
                    new Health.Check(
                        "folder", Health.Status.WARN, RequestText.line(folder + ": " + why))));
    return checks;
  }

  /** A run that asks for a device that no worker has would wait without end. */
  private Optional<String> unserved() {
    List<String> served =
        Stream.concat(limits.devices().stream().distinct(), clusters.names().stream()).toList();
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
                        lost.size() > 1 ? ", and %d more".formatted(lost.size() - 1) : "",
                        String.join(", ", served)));
  }
}
