package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.riglab.search.SearchResult;
import org.riglab.search.Trial;

/** The trials of a search in their order, and the importance of its fields. */
final class Leaderboard {
  private Leaderboard() {}

  /**
   * @param plan of the search
   * @param trials so far
   * @return the results so far
   */
  static SearchResult of(SearchPlan plan, List<TrialState> trials) {
    return new SearchResult(
        ranked(trials).stream().map(trial -> trial(plan, trial)).toList(),
        importance(plan, trials),
        Importance.METHOD);
  }

  static Trial trial(SearchPlan plan, TrialState state) {
    List<Double> rungs = state.rungs.values().stream().map(plan::score).toList();
    List<String> names =
        plan.seeds().stream()
            .map(seed -> state.network(plan.name(), seed, plan.seeds().size()))
            .toList();
    return new Trial(
        state.number,
        state.state,
        plan.score(state.goal),
        state.step,
        state.values,
        rungs,
        List.copyOf(state.runs.values()),
        names,
        plan.training(state.values, plan.seeds().get(0)));
  }

  /** Finished trials first, each group from the best to the worst. */
  private static List<TrialState> ranked(List<TrialState> trials) {
    return trials.stream()
        .sorted(
            Comparator.comparing((TrialState trial) -> trial.state != Trial.State.DONE)
                .thenComparing(trial -> Double.isNaN(trial.goal) ? Double.MAX_VALUE : -trial.goal)
                .thenComparing(trial -> trial.number))
        .toList();
  }

  /** Of finished and pruned trials; with ASHA by the scores at the first rung, which all have. */
  private static Map<String, Double> importance(SearchPlan plan, List<TrialState> trials) {
    List<TrialState> scored = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (TrialState trial : trials) {
      double score = plan.asha().isEmpty() ? trial.goal : trial.rungs.getOrDefault(0, Double.NaN);
      if (!Double.isNaN(score)) {
        scored.add(trial);
        scores.add(score);
      }
    }
    return Importance.of(plan.space(), scored, scores);
  }
}
