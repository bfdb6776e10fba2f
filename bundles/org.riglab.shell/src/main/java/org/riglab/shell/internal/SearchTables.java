package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.riglab.base.Names;

/** The leaderboard of a search and the importance of its fields. */
final class SearchTables {
  private SearchTables() {}

  /** A goal as its metric is written: scores in percent. */
  static String score(SearchPlan plan, double goal) {
    if (Double.isNaN(goal)) {
      return "";
    }
    double value = plan.smaller() ? -goal : goal;
    return plan.metric().endsWith("loss")
        ? String.format(Locale.ROOT, "%.4f", value)
        : Text.percent(value);
  }

  /** Finished trials first, each group from the best to the worst. */
  static List<SearchTrial> ranked(List<SearchTrial> trials) {
    return trials.stream()
        .sorted(
            Comparator.comparing((SearchTrial trial) -> trial.state != SearchTrial.State.DONE)
                .thenComparing(trial -> Double.isNaN(trial.goal) ? Double.MAX_VALUE : -trial.goal)
                .thenComparing(trial -> trial.number))
        .toList();
  }

  /** Of finished and pruned trials; with ASHA by the scores at the first rung, which all have. */
  static Map<String, Double> importance(SearchPlan plan, List<SearchTrial> trials) {
    List<SearchTrial> scored = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    for (SearchTrial trial : trials) {
      double score = plan.asha().isEmpty() ? trial.goal : trial.rungs.getOrDefault(0, Double.NaN);
      if (!Double.isNaN(score)) {
        scored.add(trial);
        scores.add(score);
      }
    }
    return Importance.of(plan.space(), scored, scores);
  }

  static void print(SearchPlan plan, List<SearchTrial> trials, Terminal terminal) {
    List<String> header = new ArrayList<>(List.of("rank", "trial", "state", plan.metric(), "step"));
    plan.space().fields().forEach(field -> header.add(field.name()));
    header.add("network");
    Table table = new Table(header);
    int rank = 1;
    for (SearchTrial trial : ranked(trials)) {
      List<String> row = new ArrayList<>();
      row.add(String.valueOf(rank++));
      row.add(String.valueOf(trial.number));
      row.add(Names.writtenChoice(trial.state));
      row.add(score(plan, trial.goal));
      row.add(String.valueOf(trial.step));
      trial.values.values().forEach(value -> row.add(String.valueOf(value)));
      row.add(trial.network(plan.name(), plan.seeds().get(0), plan.seeds().size()));
      table.row(row);
    }
    terminal.print(table.states("state").optional("network"));
    Table fields = new Table("field", "importance");
    importance(plan, trials)
        .forEach(
            (field, share) ->
                fields.row(field, share.isNaN() ? "-" : String.format(Locale.ROOT, "%.2f", share)));
    terminal.out().println("\nimportance: " + Importance.METHOD);
    terminal.print(fields);
  }

  static Map<String, Object> json(SearchPlan plan, List<SearchTrial> trials) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", plan.name());
    json.put("method", plan.method());
    json.put("metric", plan.metric());
    json.put("seed", plan.seed());
    json.put("space", plan.space().text());
    List<Map<String, Object>> rows = new ArrayList<>();
    for (SearchTrial trial : ranked(trials)) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("trial", trial.number);
      row.put("state", Names.writtenChoice(trial.state));
      row.put("score", shown(plan, trial.goal));
      row.put("step", trial.step);
      row.put("values", trial.values);
      List<Object> rungs = new ArrayList<>();
      trial.rungs.values().forEach(goal -> rungs.add(shown(plan, goal)));
      row.put("rungs", rungs);
      row.put("runs", List.copyOf(trial.runs.values()));
      row.put(
          "networks",
          plan.seeds().stream()
              .map(seed -> trial.network(plan.name(), seed, plan.seeds().size()))
              .toList());
      rows.add(row);
    }
    json.put("trials", rows);
    Map<String, Object> importance = new LinkedHashMap<>();
    importance(plan, trials)
        .forEach((field, share) -> importance.put(field, share.isNaN() ? null : share));
    json.put("importance", importance);
    json.put("importanceMethod", Importance.METHOD);
    return json;
  }

  private static Object shown(SearchPlan plan, double goal) {
    return Optional.of(goal)
        .filter(Double::isFinite)
        .map(value -> plan.smaller() ? -value : value)
        .orElse(null);
  }
}
