package org.riglab.search.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
import org.riglab.api.lab.Lab;
import org.riglab.base.ProcessLock;
import org.riglab.search.Search;
import org.riglab.search.SearchResult;
import org.riglab.search.Trial;

/** A search, its rungs and the services that execute it. */
record PlannedSearch(
    SearchPlan plan,
    Optional<Asha> halving,
    Networks networks,
    Weights weights,
    Trainer trainer,
    Lab lab)
    implements Search {
  @Override
  public String name() {
    return plan.name();
  }

  @Override
  public String method() {
    return plan.method();
  }

  @Override
  public String metric() {
    return plan.metric();
  }

  @Override
  public long seed() {
    return plan.seed();
  }

  @Override
  public int runs() {
    return plan.runs();
  }

  @Override
  public Map<String, Object> space() {
    return plan.space().text();
  }

  @Override
  public List<Trial> preview() {
    List<double[]> points = plan.proposals().next(List.of(), plan.runs());
    check(points);
    List<TrialState> trials = new ArrayList<>();
    for (double[] point : points) {
      trials.add(new TrialState(trials.size() + 1, point, plan.space().values(point)));
    }
    return trials.stream().map(trial -> Leaderboard.trial(plan, trial)).toList();
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public SearchResult execute(Consumer<String> log) {
    Path file = plan.file(networks.home());
    try (ProcessLock lock = lock(file)) {
      SearchState state = SearchState.open(plan, networks.home());
      check(plan.proposals().next(List.of(), plan.runs()));
      new SearchRuns(lab, networks, weights, plan, state, halving, log).go();
      return Leaderboard.of(plan, state.trials);
    }
  }

  private ProcessLock lock(Path file) {
    String name = plan.name();
    return ProcessLock.tryTake(file.getParent(), name, "process " + ProcessHandle.current().pid())
        .orElseThrow(
            () ->
                new RigException(
                    RigException.Kind.CONFLICT,
                    "search "
                        + name
                        + " is being executed by "
                        + ProcessLock.owner(file.getParent(), name, "another process")));
  }

  /** Refuses impossible values before the first network is made. */
  private void check(List<double[]> points) {
    for (double[] point : points) {
      Map<String, Object> values = plan.space().values(point);
      NetworkSpec network = plan.network(values, plan.seeds().get(0), networks);
      try {
        networks.check(network);
        trainer.plan(plan.training(values, plan.seeds().get(0)));
      } catch (RigException e) {
        throw new RigException(e.kind(), "the search " + plan.name() + ": " + e.getMessage(), e);
      }
    }
  }

  @Override
  public String format(double score) {
    return plan.format(score);
  }
}
