package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much each field of a search matters: the share of the variance of the scores' ranks that the
 * field explains alone, corrected for chance (epsilon squared of a one-way analysis of variance; 0
 * if the field explains no more than a random grouping does). Numbers are grouped into up to four
 * groups of equal size, choices by value. Ranks make the figure independent of the scale of the
 * score; interactions of fields are not seen.
 */
final class Importance {
  static final String METHOD = "epsilon squared of the ranks, one field at a time";
  private static final int GROUPS = 4;
  private static final int LEAST = 4;

  private Importance() {}

  /**
   * @param space of the search
   * @param trials with scores
   * @param scores one per trial, larger is better
   * @return shares from 0 to 1 by field, NaN with fewer than four trials; the largest first
   */
  static Map<String, Double> of(SearchSpace space, List<TrialState> trials, List<Double> scores) {
    double[] ranks = ranks(scores);
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int f = 0; f < space.fields().size(); f++) {
      shares.put(
          space.fields().get(f).name(), share(groups(space.fields().get(f), f, trials), ranks));
    }
    Map<String, Double> sorted = new LinkedHashMap<>();
    shares.entrySet().stream()
        .sorted(
            Comparator.comparingDouble(
                (Map.Entry<String, Double> e) -> e.getValue().isNaN() ? 0 : -e.getValue()))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  private static List<List<Integer>> groups(
      SearchSpace.Field field, int index, List<TrialState> trials) {
    Map<Object, List<Integer>> groups = new LinkedHashMap<>();
    if (field.scale() == SearchSpace.Scale.CHOICE) {
      for (int k = 0; k < trials.size(); k++) {
        groups
            .computeIfAbsent(trials.get(k).values.get(field.name()), v -> new ArrayList<>())
            .add(k);
      }
      return List.copyOf(groups.values());
    }
    double[] places = ranks(trials.stream().map(trial -> trial.point[index]).toList());
    int count = Math.max(1, Math.min(GROUPS, trials.size() / 2));
    for (int k = 0; k < places.length; k++) {
      int group = (int) Math.min(count - 1, (places[k] - 0.5) * count / places.length);
      groups.computeIfAbsent(group, v -> new ArrayList<>()).add(k);
    }
    return List.copyOf(groups.values());
  }

  private static double share(List<List<Integer>> groups, double[] ranks) {
    int n = ranks.length;
    int k = groups.size();
    double mean = (n + 1) / 2.0;
    double total = 0;
    for (double rank : ranks) {
      total += (rank - mean) * (rank - mean);
    }
    if (n < LEAST || n <= k || total == 0) {
      return Double.NaN;
    }
    double within = 0;
    for (List<Integer> group : groups) {
      double centre = group.stream().mapToDouble(i -> ranks[i]).average().orElse(0);
      for (int i : group) {
        within += (ranks[i] - centre) * (ranks[i] - centre);
      }
    }
    return Math.max(0, (total - within - (k - 1) * within / (n - k)) / total);
  }

  /** Ranks from 1, the mean rank for equal values. */
  static double[] ranks(List<Double> values) {
    double[] ranks = new double[values.size()];
    for (int i = 0; i < ranks.length; i++) {
      for (double other : values) {
        int compared = Double.compare(other, values.get(i));
        ranks[i] += compared < 0 ? 1 : compared == 0 ? 0.5 : 0;
      }
      ranks[i] += 0.5;
    }
    return ranks;
  }
}
