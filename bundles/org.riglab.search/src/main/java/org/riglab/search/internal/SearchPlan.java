package org.riglab.search.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Trainer;
import org.riglab.base.Json;
import org.riglab.parts.PartSpecs;

/**
 * What a search does.
 *
 * @param name of the search, with which the names of its networks begin
 * @param spec of the network, as JSON, before a trial changes it
 * @param train options of the trainings
 * @param space fields and values
 * @param method random or evolution
 * @param runs largest number of trials
 * @param metric {@code METRIC[:class][:iteration]}, with {@code -} in front if smaller is better
 * @param asha {@code STEPS[:ETA]}; empty for whole trainings
 * @param population trials of a generation of the evolution
 * @param seed of the proposals
 * @param seeds of weights and trainings; each trial has a run for each
 * @param weights file that networks start from; empty for none
 */
record SearchPlan(
    String name,
    Map<String, Object> spec,
    Map<String, Object> train,
    SearchSpace space,
    String method,
    int runs,
    String metric,
    String asha,
    int population,
    long seed,
    List<Long> seeds,
    String weights) {
  static final Set<String> KEYS =
      Set.of(
          "name",
          "network",
          "spec",
          "train",
          "space",
          "method",
          "runs",
          "metric",
          "asha",
          "population",
          "seed",
          "seeds",
          "weights");
  static final String NETWORK = "network.";
  private static final String METRIC = "-?[^:\\s]+(:.+)?";
  private static final int MOST = 1000;

  SearchPlan {
    if (!List.of("random", "evolution").contains(method)) {
      throw new RigException("method is '" + method + "'; expected random or evolution");
    }
    if (runs < 1 || runs > MOST) {
      throw new RigException("runs is " + runs + "; expected 1 to " + MOST);
    }
    if (population < 4 || population > MOST) {
      throw new RigException("population is " + population + "; expected 4 to " + MOST);
    }
    if (!metric.matches(METRIC)) {
      throw new RigException("metric is '" + metric + "'; expected METRIC[:class][:iteration]");
    }
    if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
      throw new RigException("seeds is " + seeds + "; expected different whole numbers");
    }
  }

  /** What must be the same when a search is continued. */
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("spec", spec);
    json.put("train", train);
    json.put("space", space.text());
    json.put("method", method);
    json.put("metric", metric);
    json.put("asha", asha);
    json.put("population", population);
    json.put("seed", seed);
    json.put("seeds", seeds);
    json.put("weights", weights);
    return Json.parse(Json.text(json), "the search");
  }

  /**
   * @param name of the search
   * @param json as {@link #json} gives it
   * @param runs the number of its trials
   * @return the plan, with which nothing can be proposed
   */
  static SearchPlan read(String name, Map<?, ?> json, int runs) {
    return new SearchPlan(
        name,
        object(json.get("spec")),
        object(json.get("train")),
        SearchSpace.read(object(json.get("space"))),
        String.valueOf(json.get("method")),
        Math.max(1, runs),
        String.valueOf(json.get("metric")),
        String.valueOf(json.get("asha")),
        ((Number) json.get("population")).intValue(),
        ((Number) json.get("seed")).longValue(),
        ((List<?>) json.get("seeds")).stream().map(seed -> ((Number) seed).longValue()).toList(),
        String.valueOf(json.get("weights")));
  }

  private static Map<String, Object> object(Object json) {
    Map<String, Object> object = new LinkedHashMap<>();
    ((Map<?, ?>) json).forEach((key, value) -> object.put(String.valueOf(key), value));
    return object;
  }

  Proposals proposals() {
    return method.equals("random")
        ? new RandomProposals(space, seed)
        : new EvolutionProposals(space, seed, population);
  }

  /**
   * @param trainer knows the steps of a training
   * @return the rungs; empty without ASHA
   */
  Optional<Asha> halving(Trainer trainer) {
    if (asha.isEmpty()) {
      return Optional.empty();
    }
    long steps = trainer.plan(train).budget().steps();
    if (steps == 0) {
      throw new RigException("--asha requires the length of the trainings in steps (--steps)");
    }
    return Optional.of(Asha.of(asha, steps));
  }

  /** The options of a trial's training. */
  Map<String, Object> training(Map<String, Object> values, long trainingSeed) {
    Map<String, Object> options = new LinkedHashMap<>(train);
    values.forEach(
        (field, value) -> {
          if (!field.startsWith(NETWORK)) {
            put(options, field, value);
          }
        });
    options.put("seed", trainingSeed);
    String name = metric.replaceFirst("^-", "");
    if (!name.equals("loss")) {
      options.putIfAbsent("monitor", metric);
    }
    if (!asha.isEmpty()) {
      options.putIfAbsent("eval_every", Long.valueOf(asha.split(":")[0]));
    }
    return options;
  }

  /** The network of a trial. */
  NetworkSpec network(Map<String, Object> values, long networkSeed, Networks networks) {
    Map<String, Object> json = new LinkedHashMap<>(spec);
    values.forEach(
        (field, value) -> {
          if (field.startsWith(NETWORK)) {
            put(json, field.substring(NETWORK.length()), value);
          }
        });
    if (values.containsKey(NETWORK + "backbone")) {
      json.remove("head"); // another backbone brings its own
    }
    if (values.get(NETWORK + "unroll") instanceof String unroll) {
      NetworkSpec usual = networks.spec(Map.of("unroll", unroll, "classes", 2L), "the unroll");
      if (usual.feedback().isEmpty()) {
        json.put("feedback", List.of());
      }
      if (usual.iterations() == 1) {
        json.put("iterations", 1L);
      }
    }
    json.put("seed", networkSeed);
    return networks.spec(json, "of the search " + name);
  }

  /** Sets a field, or with a dot an option of a part: {@code gate.init}. */
  private static void put(Map<String, Object> into, String field, Object value) {
    int dot = field.indexOf('.');
    if (dot < 0) {
      into.put(field, value);
      return;
    }
    String part = field.substring(0, dot);
    String option = field.substring(dot + 1);
    Object before = into.get(part);
    if (before instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, item) -> copy.put(String.valueOf(key), item));
      copy.put(option, value);
      into.put(part, copy);
    } else if (before instanceof String text) {
      Map<String, Object> copy = PartSpecs.map(PartSpecs.read(text));
      copy.put(option, value);
      into.put(part, copy);
    } else {
      throw new RigException(
          String.format(
              Locale.ROOT, "field %s: %s must be stated in the spec or options", field, part));
    }
  }

  /**
   * The name of the metric in the store.
   *
   * @param known names of a run's metrics
   * @return the name; empty if there is none yet
   */
  Optional<String> stored(List<String> known) {
    String text = metric.replaceFirst("^-", "");
    if (known.contains(text)) {
      return Optional.of(text);
    }
    String[] words = text.split(":", 2);
    if (words.length > 1) {
      String named = words[0] + (words[1].matches("\\d+") ? ".t" : ".") + words[1];
      String inIteration = named.replaceFirst(":(\\d+)$", ".t$1");
      return Stream.of(named, inIteration).filter(known::contains).findFirst();
    }
    int t = 0;
    while (known.contains(text + ".t" + (t + 1))) {
      t++;
    }
    return t == 0 ? Optional.empty() : Optional.of(text + ".t" + t);
  }

  boolean smaller() {
    return metric.startsWith("-");
  }

  /**
   * @param goal larger is better
   * @return the value of the metric
   */
  double score(double goal) {
    return smaller() ? -goal : goal;
  }

  /** A score as its metric is written: a loss with four decimals, others in percent. */
  String format(double score) {
    if (Double.isNaN(score)) {
      return "";
    }
    return metric.endsWith("loss")
        ? String.format(Locale.ROOT, "%.4f", score)
        : String.format(Locale.ROOT, "%.2f", 100 * score);
  }

  /** Where the state of the search is. */
  Path file(Path home) {
    return SearchState.file(home, name);
  }
}
