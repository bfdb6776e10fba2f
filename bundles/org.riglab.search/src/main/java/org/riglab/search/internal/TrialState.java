package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.riglab.base.Names;
import org.riglab.search.Trial;

/** One configuration of a search and what became of it. Written to the state of the search. */
final class TrialState {
  final int number;
  final double[] point;
  final Map<String, Object> values;

  /** Runs by seed; 0 until the run is in the queue. */
  final Map<Long, Long> runs = new TreeMap<>();

  Trial.State state = Trial.State.OPEN;

  /** Larger is better; NaN if there is none. */
  double goal = Double.NaN;

  /** The step of the last evaluation. */
  long step;

  /** What proposals are based on; NaN until the trial has ended for the first time. */
  double fitness = Double.NaN;

  /** Goals by rung. */
  final Map<Integer, Double> rungs = new TreeMap<>();

  /** Rungs that it may go beyond. */
  final Set<Integer> promoted = new TreeSet<>();

  /**
   * @param number 1 or more
   * @param point of the space
   * @param values at this point
   */
  TrialState(int number, double[] point, Map<String, Object> values) {
    this.number = number;
    this.point = point.clone();
    this.values = values;
  }

  /** Name of the network of a seed. */
  String network(String search, long seed, int seeds) {
    return search + "-" + number + (seeds > 1 ? "-s" + seed : "");
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", number);
    List<Double> coordinates = new ArrayList<>();
    for (double u : point) {
      coordinates.add(u);
    }
    json.put("point", coordinates);
    json.put("values", values);
    Map<String, Object> bySeed = new LinkedHashMap<>();
    runs.forEach((seed, run) -> bySeed.put(String.valueOf(seed), run));
    json.put("runs", bySeed);
    json.put("state", Names.writtenChoice(state));
    json.put("goal", finite(goal));
    json.put("step", step);
    json.put("fitness", finite(fitness));
    Map<String, Object> byRung = new LinkedHashMap<>();
    rungs.forEach((rung, value) -> byRung.put(String.valueOf(rung), value));
    json.put("rungs", byRung);
    json.put("promoted", List.copyOf(promoted));
    return json;
  }

  /** JSON has neither NaN nor infinities. */
  private static Object finite(double value) {
    return Double.isNaN(value) ? "none" : Double.isInfinite(value) ? "worst" : (Object) value;
  }

  private static double number(Object value) {
    return value instanceof Number number
        ? number.doubleValue()
        : "worst".equals(value) ? Double.NEGATIVE_INFINITY : Double.NaN;
  }

  static TrialState of(Map<?, ?> json, SearchSpace space) {
    return of(json, space::values);
  }

  /** With the values that were written, as a space cannot be read from the state in every case. */
  static TrialState of(Map<?, ?> json) {
    Map<String, Object> values = new LinkedHashMap<>();
    ((Map<?, ?>) json.get("values")).forEach((field, v) -> values.put(String.valueOf(field), v));
    return of(json, point -> values);
  }

  private static TrialState of(Map<?, ?> json, Function<double[], Map<String, Object>> values) {
    List<?> coordinates = (List<?>) json.get("point");
    double[] point = coordinates.stream().mapToDouble(u -> ((Number) u).doubleValue()).toArray();
    TrialState trial =
        new TrialState(((Number) json.get("number")).intValue(), point, values.apply(point));
    ((Map<?, ?>) json.get("runs"))
        .forEach(
            (seed, run) ->
                trial.runs.put(Long.valueOf(String.valueOf(seed)), ((Number) run).longValue()));
    for (Trial.State state : Trial.State.values()) {
      if (Names.writtenChoice(state).equals(json.get("state"))) {
        trial.state = state;
      }
    }
    trial.goal = number(json.get("goal"));
    trial.step = ((Number) json.get("step")).longValue();
    trial.fitness = number(json.get("fitness"));
    ((Map<?, ?>) json.get("rungs"))
        .forEach(
            (rung, value) ->
                trial.rungs.put(
                    Integer.valueOf(String.valueOf(rung)), ((Number) value).doubleValue()));
    ((List<?>) json.get("promoted"))
        .forEach(rung -> trial.promoted.add(((Number) rung).intValue()));
    return trial;
  }
}
