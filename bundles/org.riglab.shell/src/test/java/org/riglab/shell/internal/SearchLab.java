package org.riglab.shell.internal;

import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.riglab.api.RigException;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;

/**
 * A lab with some devices whose trainings have 20 steps, an evaluation every 2 and a score that is
 * a function of their options, growing with the step. Runs go on while somebody waits.
 */
final class SearchLab {
  static final long STEPS = 20;
  static final long EVERY = 2;

  /** A run. */
  static final class Job {
    final Request request;
    Run.State state = Run.State.QUEUED;
    long step;
    final Set<String> tags = new HashSet<>();

    Job(Request request) {
      this.request = request;
    }
  }

  final Map<Long, Job> jobs = new LinkedHashMap<>();
  final ToDoubleFunction<Map<String, Object>> objective;
  int devices = 2;

  /** Errors by id of the runs that fail at their first step. */
  final Map<Long, String> errors = new HashMap<>();

  /** Why no run is taken; empty to take them. */
  String refusal = "";

  /** The lab breaks after so many evaluations. */
  int left = Integer.MAX_VALUE;

  SearchLab(ToDoubleFunction<Map<String, Object>> objective) {
    this.objective = objective;
  }

  Lab lab() {
    return (Lab)
        Proxy.newProxyInstance(
            Lab.class.getClassLoader(),
            new Class<?>[] {Lab.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "submit" -> List.of(submit((Request) arguments[0]));
                  case "list" -> page();
                  case "run" -> run((long) arguments[0]);
                  case "tag" -> tag((long) arguments[0], arguments);
                  case "cancel" -> cancel((long) arguments[0]);
                  case "retry" -> retry((long) arguments[0]);
                  case "await" -> await((long) arguments[0], watcher(arguments[1]));
                  case "metrics" ->
                      jobs.get((long) arguments[0]).step == 0
                          ? List.of("loss")
                          : List.of("loss", "mIoU.t1", "mIoU.t2");
                  case "curve" -> curve((long) arguments[0], (String) arguments[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @SuppressWarnings("unchecked")
  private static Consumer<Run> watcher(Object argument) {
    return (Consumer<Run>) argument;
  }

  private Run submit(Request request) {
    if (!refusal.isEmpty()) {
      throw new RigException(refusal);
    }
    long id = jobs.size() + 1L;
    jobs.put(id, new Job(request));
    return run(id);
  }

  @SuppressWarnings("unchecked")
  private Run tag(long id, Object... arguments) {
    jobs.get(id).tags.addAll((Set<String>) arguments[1]);
    jobs.get(id).tags.removeAll((Set<String>) arguments[2]);
    return run(id);
  }

  private Run cancel(long id) {
    if (jobs.get(id).state.ended()) {
      throw new RigException(RigException.Kind.CONFLICT, "run " + id + " has ended");
    }
    jobs.get(id).state = Run.State.CANCELLED;
    return run(id);
  }

  private Run retry(long id) {
    jobs.get(id).state = Run.State.QUEUED;
    return run(id);
  }

  private Run await(long id, Consumer<Run> watcher) {
    while (!run(id).state().ended()) {
      int busy = 0;
      for (Job job : List.copyOf(jobs.values())) {
        if (!job.state.ended() && busy++ < devices) {
          if (left-- == 0) {
            throw new IllegalStateException("killed");
          }
          job.state = Run.State.RUNNING;
          if (errors.containsKey(id(job))) {
            job.state = Run.State.FAILED;
            continue;
          }
          job.step += EVERY;
          job.state = job.step >= STEPS ? Run.State.DONE : Run.State.RUNNING;
        }
      }
      watcher.accept(run(id));
    }
    return run(id);
  }

  private long id(Job job) {
    return List.copyOf(jobs.values()).indexOf(job) + 1L;
  }

  private Curve curve(long id, String metric) {
    Job job = jobs.get(id);
    List<Curve.Bucket> points = new ArrayList<>();
    for (long step = EVERY; step <= job.step; step += EVERY) {
      double value = objective.applyAsDouble(job.request.options()) * step / STEPS;
      value = metric.equals("mIoU.t1") ? value / 2 : value;
      points.add(new Curve.Bucket(step, value, value, value));
    }
    return new Curve(id, metric, points.size(), points);
  }

  private Run run(long id) {
    Job job = jobs.get(id);
    return new Run(
        id,
        job.request.name(),
        job.request.kind(),
        job.state,
        job.request.network(),
        Map.of(),
        job.request.options(),
        0,
        0,
        List.of(),
        "cpu",
        0,
        0,
        Map.of(),
        Map.of(),
        new Run.Progress(job.step, STEPS, 0, 0),
        Map.of(),
        job.state == Run.State.FAILED ? errors.getOrDefault(id, "") : "",
        List.of(),
        new Run.Times(Instant.EPOCH, Optional.empty(), Optional.empty(), 0),
        "");
  }

  private Lab.Page page() {
    List<Run> runs = jobs.keySet().stream().map(this::run).toList();
    return new Lab.Page(runs, runs.size());
  }
}
