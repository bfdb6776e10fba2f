package org.riglab.search.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;
import org.riglab.search.Trial;

/** Executes a search: puts runs into the queue, follows their scores, stops the weak ones. */
final class SearchRuns {
  static final String PRUNED = "pruned";
  private static final int MOST = 1000;
  private static final int POINTS = 10_000;

  private final Lab lab;
  private final Networks networks;
  private final Weights weights;
  private final SearchPlan plan;
  private final SearchState state;
  private final Optional<Asha> asha;
  private final Proposals proposals;
  private final Consumer<String> told;

  SearchRuns(
      Lab lab,
      Networks networks,
      Weights weights,
      SearchPlan plan,
      SearchState state,
      Optional<Asha> asha,
      Consumer<String> told) {
    this.lab = lab;
    this.networks = networks;
    this.weights = weights;
    this.plan = plan;
    this.state = state;
    this.asha = asha;
    this.proposals = plan.proposals();
    this.told = told;
  }

  /**
   * Goes on until all trials have ended.
   *
   * @throws RigException PART_FAILED if a run was paused, the thread was interrupted, or runs
   *     failed and no trial has a score
   */
  void go() {
    reopen();
    while (true) {
      tick();
      List<Run> open = open();
      if (open.isEmpty()) {
        refuseWithoutScores();
        return;
      }
      Run next =
          open.stream()
              .filter(run -> run.state() != Run.State.PAUSED)
              .findFirst()
              .orElseThrow(() -> paused(open.get(0)));
      Run ended = lab.await(next.id(), run -> tick());
      if (Thread.currentThread().isInterrupted()) {
        throw paused(ended);
      }
    }
  }

  /** A user may have retried the failed or cancelled runs of a trial since the last call. */
  private void reopen() {
    for (TrialState trial : state.trials) {
      boolean ended = trial.state == Trial.State.FAILED || trial.state == Trial.State.CANCELLED;
      if (ended
          && trial.runs.values().stream()
              .map(lab::run)
              .noneMatch(
                  run -> run.state() == Run.State.FAILED || run.state() == Run.State.CANCELLED)) {
        trial.state = Trial.State.OPEN;
      }
    }
  }

  private void refuseWithoutScores() {
    if (state.trials.stream().anyMatch(trial -> !Double.isNaN(trial.goal))) {
      return;
    }
    state.trials.stream()
        .flatMap(trial -> trial.runs.values().stream())
        .map(lab::run)
        .filter(run -> run.state() == Run.State.FAILED)
        .findFirst()
        .ifPresent(
            run -> {
              throw new RigException(
                  RigException.Kind.PART_FAILED,
                  String.format(
                      Locale.ROOT,
                      "search %s: no trial has a score; run %d failed: %s",
                      plan.name(),
                      run.id(),
                      run.error()));
            });
  }

  private static RigException paused(Run run) {
    return new RigException(
        RigException.Kind.PART_FAILED,
        String.format(
            Locale.ROOT,
            "run %d is %s; run the same command again to continue",
            run.id(),
            Names.writtenChoice(run.state())));
  }

  /** Runs that have not ended, of the trials that are furthest first. */
  private synchronized List<Run> open() {
    List<Run> runs = new ArrayList<>();
    state.trials.stream()
        .filter(trial -> trial.state == Trial.State.OPEN)
        .sorted(
            Comparator.comparingInt((TrialState trial) -> -trial.rungs.size())
                .thenComparing(trial -> trial.number))
        .forEach(
            trial ->
                trial.runs.values().stream()
                    .map(lab::run)
                    .filter(run -> !run.state().ended())
                    .forEach(runs::add));
    return runs;
  }

  /** One look at all trials. */
  synchronized void tick() {
    for (TrialState trial : state.trials) {
      if (trial.state == Trial.State.OPEN || trial.state == Trial.State.PRUNED) {
        submit(trial);
        look(trial);
      }
    }
    asha.ifPresent(this::halve);
    state.save();
    for (double[] point :
        proposals.next(state.trials, Math.max(0, plan.runs() - state.trials.size()))) {
      TrialState trial = new TrialState(state.trials.size() + 1, point, plan.space().values(point));
      plan.seeds().forEach(seed -> trial.runs.put(seed, 0L));
      state.trials.add(trial);
      // written first: a run that is in the queue is found again by the name of its network
      state.save();
      try {
        submit(trial);
      } catch (RigException e) {
        withdraw(trial);
        throw e;
      }
      state.save();
    }
  }

  /**
   * Forgets a new trial none of whose runs is in the queue. A search of which nothing was queued
   * leaves no state, so that the same name can be used with values that are right.
   */
  private void withdraw(TrialState trial) {
    if (trial.runs.values().stream().allMatch(run -> run == 0)) {
      state.trials.remove(trial);
    }
    state.save();
  }

  private void submit(TrialState trial) {
    for (Map.Entry<Long, Long> entry : trial.runs.entrySet()) {
      if (entry.getValue() == 0) {
        entry.setValue(submit(trial, entry.getKey()).id());
      }
    }
  }

  private Run submit(TrialState trial, long seed) {
    String network = trial.network(plan.name(), seed, plan.seeds().size());
    Optional<Run> there =
        lab
            .list(new Lab.Query(Set.of(), Set.of(Run.Kind.TRAIN), network, 0, 0, MOST))
            .runs()
            .stream()
            .filter(run -> run.network().equals(network) && run.replayOf() == 0)
            .findFirst();
    if (there.isPresent()) {
      return there.get();
    }
    boolean made = make(network, plan.network(trial.values, seed, networks));
    boolean queued = false;
    try {
      Run run = queue(network, trial, seed);
      queued = true;
      return lab.tag(run.id(), Set.of("search/" + plan.name()), Set.of());
    } finally {
      if (made && !queued) {
        networks.discard(network);
      }
    }
  }

  private Run queue(String network, TrialState trial, long seed) {
    return lab.submit(
            new Request(
                Run.Kind.TRAIN,
                plan.name() + " " + label(trial.values),
                network,
                Map.of(),
                plan.training(trial.values, seed),
                Map.of(),
                List.of(),
                0,
                List.of()))
        .get(0);
  }

  static String label(Map<String, Object> values) {
    StringBuilder label = new StringBuilder();
    values.forEach(
        (field, value) ->
            label.append(label.isEmpty() ? "" : " ").append(field).append('=').append(value));
    return label.toString();
  }

  /** Returns whether the network was not there before. */
  private boolean make(String network, NetworkSpec spec) {
    if (networks.names().contains(network)) {
      if (!networks.get(network).spec().equals(spec)) {
        throw new RigException(
            RigException.Kind.CONFLICT,
            String.format(
                Locale.ROOT,
                "network %s already exists with another spec: discard it, or use another --name",
                network));
      }
      return false;
    }
    networks.assemble(network, spec, false);
    boolean complete = false;
    try {
      if (!plan.weights().isEmpty()) {
        weights.read(network, Path.of(plan.weights()), ImportSpec.LENIENT);
      }
      complete = true;
    } finally {
      if (!complete) {
        networks.discard(network);
      }
    }
    return true;
  }

  /** Takes over what the runs of a trial have reached. */
  private void look(TrialState trial) {
    List<Run> runs = trial.runs.values().stream().map(lab::run).toList();
    List<List<Curve.Bucket>> curves = runs.stream().map(this::curve).toList();
    double[] best = curves.stream().mapToDouble(curve -> best(curve, Long.MAX_VALUE)).toArray();
    trial.goal = Arrays.stream(best).average().orElse(Double.NaN);
    trial.step =
        curves.stream()
            .mapToLong(curve -> curve.isEmpty() ? 0 : curve.get(curve.size() - 1).step())
            .min()
            .orElse(0);
    asha.ifPresent(halving -> rungs(trial, halving.rungs(), curves));
    if (trial.state == Trial.State.OPEN) {
      end(trial, runs);
    }
  }

  private void end(TrialState trial, List<Run> runs) {
    Optional<Run> failed = runs.stream().filter(run -> run.state() == Run.State.FAILED).findFirst();
    if (failed.isPresent()) {
      end(trial, Trial.State.FAILED);
      told.accept("run " + failed.get().id() + ": " + failed.get().error());
    } else if (runs.stream().anyMatch(run -> run.state() == Run.State.CANCELLED)) {
      end(trial, Trial.State.CANCELLED);
    } else if (runs.stream().allMatch(run -> run.state() == Run.State.DONE)) {
      end(trial, Trial.State.DONE);
    }
  }

  private void end(TrialState trial, Trial.State how) {
    trial.state = how;
    boolean scored = !Double.isNaN(trial.goal) && how != Trial.State.FAILED;
    if (Double.isNaN(trial.fitness)) {
      trial.fitness = scored ? trial.goal : Double.NEGATIVE_INFINITY;
    }
    told.accept(
        "trial "
            + trial.number
            + " "
            + Names.writtenChoice(how)
            + (Double.isNaN(trial.goal)
                ? ""
                : " at step " + trial.step + ": " + plan.format(plan.score(trial.goal))));
  }

  private List<Curve.Bucket> curve(Run run) {
    return plan.stored(lab.metrics(run.id()))
        .map(metric -> lab.curve(run.id(), metric, POINTS).points())
        .orElse(List.of());
  }

  /** The best value up to a step, larger is better; NaN if there is none. */
  private double best(List<Curve.Bucket> curve, long step) {
    return curve.stream()
        .filter(point -> point.step() <= step)
        .mapToDouble(point -> plan.smaller() ? -point.low() : point.high())
        .filter(Double::isFinite)
        .max()
        .orElse(Double.NaN);
  }

  private void rungs(TrialState trial, List<Long> steps, List<List<Curve.Bucket>> curves) {
    for (int rung = 0; rung < steps.size(); rung++) {
      long step = steps.get(rung);
      boolean reached =
          curves.stream().allMatch(curve -> curve.stream().anyMatch(point -> point.step() >= step));
      if (reached && !trial.rungs.containsKey(rung)) {
        double mean =
            curves.stream().mapToDouble(curve -> best(curve, step)).average().orElse(Double.NaN);
        trial.rungs.put(rung, Double.isNaN(mean) ? -Double.MAX_VALUE : mean);
      }
    }
  }

  private void halve(Asha halving) {
    for (int rung = halving.rungs().size() - 1; rung >= 0; rung--) {
      for (TrialState trial : halving.promotable(state.trials, rung)) {
        if (trial.state != Trial.State.PRUNED || resumed(trial)) {
          trial.promoted.add(rung);
        }
      }
    }
    for (TrialState trial : state.trials) {
      if (trial.state == Trial.State.OPEN && Asha.barrier(trial).isPresent()) {
        prune(trial);
      }
    }
  }

  /** Continues a stopped trial, as soon as its runs have stopped. */
  private boolean resumed(TrialState trial) {
    List<Run> runs = trial.runs.values().stream().map(lab::run).toList();
    if (!runs.stream().allMatch(run -> run.state().ended())) {
      return false;
    }
    for (Run run : runs) {
      if (run.state() == Run.State.CANCELLED) {
        lab.retry(run.id());
        lab.tag(run.id(), Set.of(), Set.of(PRUNED));
      }
    }
    trial.state = Trial.State.OPEN;
    told.accept("trial " + trial.number + " continues");
    return true;
  }

  private void prune(TrialState trial) {
    for (long id : trial.runs.values()) {
      try {
        if (!lab.run(id).state().ended()) {
          lab.cancel(id);
          lab.tag(id, Set.of(PRUNED), Set.of());
        }
      } catch (RigException e) {
        if (e.kind() != RigException.Kind.CONFLICT) {
          throw e;
        }
        told.accept("run " + id + " has ended before it could be stopped");
      }
    }
    end(trial, Trial.State.PRUNED);
  }
}
