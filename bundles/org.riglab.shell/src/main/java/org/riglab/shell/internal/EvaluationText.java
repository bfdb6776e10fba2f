package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.data.ClassTable;
import org.riglab.base.Json;

/** An evaluation in words, and as JSON. */
final class EvaluationText {
  private EvaluationText() {}

  static List<String> names(Evaluation evaluation) {
    return evaluation.classes().entries().stream().map(ClassTable.Entry::name).toList();
  }

  static String where(EvalSpec spec) {
    return Parts.text(spec.dataset()) + (spec.split().isEmpty() ? "" : " " + spec.split());
  }

  static String confusionTitle(Evaluation evaluation) {
    return Text.format(
        "%s on %s: mIoU %s %%",
        evaluation.spec().network(),
        where(evaluation.spec()),
        Text.percent(evaluation.answer().values().getOrDefault("mIoU", Double.NaN)));
  }

  static String title(Terminal terminal, Evaluation evaluation) {
    return terminal.wrap(
        Text.format(
            "%s on %s: %s%s, %.1f images/s",
            evaluation.spec().network(),
            where(evaluation.spec()),
            Text.count(evaluation.images(), "image"),
            how(evaluation.spec()),
            evaluation.imagesPerSecond()),
        4);
  }

  private static String how(EvalSpec spec) {
    StringBuilder how = new StringBuilder();
    if (!spec.resize().isEmpty()) {
      how.append(" at ").append(Text.size(spec.resize()));
      if (spec.scoring() == EvalSpec.Scoring.ORIGINAL) {
        how.append(" scored at the label's size");
      }
    }
    if (!spec.scales().equals(List.of(1.0))) {
      how.append(", scales ").append(Text.numbers(spec.scales()));
    }
    if (spec.flip()) {
      how.append(", flip");
    }
    if (!spec.window().isEmpty()) {
      how.append(", window ").append(Text.size(spec.window()));
      how.append(Text.format(" overlap %.2f", spec.overlap()));
    }
    if (spec.inputScales().size() > 1) {
      how.append(", input scales ").append(Text.numbers(spec.inputScales()));
    }
    return how.toString();
  }

  static JsonObject json(Evaluation evaluation, List<String> classes) {
    EvalSpec spec = evaluation.spec();
    JsonObject object = new JsonObject();
    object.addProperty("network", spec.network());
    object.add("networkSpec", Json.tree(evaluation.networkSpec()));
    object.addProperty("dataset", Parts.text(spec.dataset()));
    object.addProperty("data", spec.data());
    object.addProperty("split", spec.split());
    object.addProperty("fingerprint", evaluation.fingerprint());
    object.addProperty("images", evaluation.images());
    object.addProperty("imagesPerSecond", evaluation.imagesPerSecond());
    JsonObject settings = new JsonObject();
    settings.add("resize", Json.tree(spec.resize()));
    settings.add("scoring", Json.tree(spec.scoring()));
    settings.add("scales", Json.tree(spec.scales()));
    settings.add("flip", Json.tree(spec.flip()));
    settings.add("window", Json.tree(spec.window()));
    settings.add("overlap", Json.tree(spec.overlap()));
    settings.add("inputScales", Json.tree(spec.inputScales()));
    settings.add("iterations", Json.tree(spec.iterations()));
    settings.add("budgetMs", Json.tree(spec.budgetMs()));
    settings.add("budgetGmac", Json.tree(spec.budgetGmac()));
    settings.add("until", Json.tree(spec.until()));
    settings.add("metrics", Json.tree(spec.metrics().stream().map(Parts::text).toList()));
    object.add("settings", settings);
    object.add("classes", Json.tree(classes));
    evaluation.answer().values().forEach((name, value) -> object.add(name, Json.tree(value)));
    JsonArray iterations = new JsonArray();
    evaluation.iterations().forEach(scores -> iterations.add(ScoreTables.json(scores)));
    object.add("iterations", iterations);
    object.add("cost", CostCurve.json(evaluation.cost()));
    object.add("parts", Json.tree(evaluation.parts()));
    return object;
  }
}
