package org.riglab.base;

import java.util.LinkedHashMap;
import java.util.Map;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.metric.Scores;

/** An evaluation as runs keep it, in {@value #FILE}. */
public final class EvaluationJson {
  /** The file in the folder of a run. */
  public static final String FILE = "evaluation.json";

  private EvaluationJson() {}

  /**
   * @param evaluation what was found
   * @param step of the training; 0 for an evaluation of its own
   * @return step, dataset, split, images, fingerprint, classes (name, rgb), iterations (values,
   *     per_class, confusion), cost, and perImage (id, correct, predicted, labelled) where it is
   *     kept; what is not a number is null
   */
  public static Map<String, Object> of(Evaluation evaluation, long step) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", step);
    json.put("dataset", evaluation.spec().dataset().name());
    json.put("split", evaluation.spec().split());
    json.put("images", evaluation.images());
    json.put("fingerprint", evaluation.fingerprint());
    json.put(
        "classes",
        evaluation.classes().entries().stream()
            .map(entry -> Map.of("name", entry.name(), "rgb", entry.rgb()))
            .toList());
    json.put("iterations", evaluation.iterations().stream().map(EvaluationJson::scores).toList());
    json.put("cost", evaluation.cost());
    if (!evaluation.perImage().isEmpty()) {
      json.put("perImage", evaluation.perImage());
    }
    return json;
  }

  private static Map<String, Object> scores(Scores scores) {
    Map<String, Object> json = new LinkedHashMap<>();
    Map<String, Object> values = new LinkedHashMap<>();
    scores.values().forEach((name, value) -> values.put(name, finite(value)));
    json.put("values", values);
    Map<String, Object> perClass = new LinkedHashMap<>();
    scores
        .perClass()
        .forEach(
            (name, of) -> perClass.put(name, of.stream().map(EvaluationJson::finite).toList()));
    json.put("per_class", perClass);
    json.put("confusion", scores.confusion());
    return json;
  }

  /** JSON has no NaN. */
  private static Object finite(Double value) {
    return Double.isFinite(value) ? value : null;
  }
}
