package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.riglab.api.bench.Cost;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.Figure.Series;
import org.riglab.api.bench.Figure.Style;
import org.riglab.api.bench.Report;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;

/** mIoU over the cost of each prediction. */
final class CostCurve {
  private static final double GIGA = 1e9;
  private static final String MIOU = "mIoU";

  private CostCurve() {}

  /**
   * @param file to be written
   * @return true
   * @throws org.riglab.api.RigException if its name has another ending than .svg and .json, or it
   *     cannot be written
   */
  static boolean checked(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!name.endsWith(".svg") && !name.endsWith(".json")) {
      throw Usage.wrong("--curve " + file + ": the name must end in .svg or .json");
    }
    Output.checkFile("--curve", file);
    return true;
  }

  /**
   * Writes a curve per network and, where images need different numbers of iterations, the point
   * that was reached.
   *
   * @param file .svg or .json
   * @param report draws
   */
  static void write(Path file, List<Evaluation> evaluations, Report report) {
    Output.write(
        file,
        file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")
            ? report.svg(figure(evaluations))
            : Json.text(json(evaluations)));
  }

  private static Figure figure(List<Evaluation> evaluations) {
    boolean counted =
        evaluations.stream().noneMatch(evaluation -> evaluation.cost().multiplyAdds().isEmpty());
    List<Series> series = new ArrayList<>();
    for (Evaluation evaluation : evaluations) {
      Cost cost = evaluation.cost();
      int predictions = evaluation.iterations().size();
      List<Double> x =
          counted
              ? cost.multiplyAdds().stream().map(m -> m / GIGA).limit(predictions).toList()
              : cost.milliseconds();
      List<Double> y = evaluation.iterations().stream().map(s -> 100 * score(s)).toList();
      series.add(new Series(evaluation.spec().network(), Style.LINE, x, y.subList(0, x.size())));
      if (counted && evaluation.spec().stopping().adaptive()) {
        series.add(
            new Series(
                Text.format(
                    "%s, %.2f iterations per image", evaluation.spec().network(), cost.meanUsed()),
                Style.POINTS,
                List.of(cost.meanMultiplyAdds() / GIGA),
                List.of(100 * score(evaluation.answer()))));
      }
    }
    return new Figure(
        "mIoU over cost, " + EvaluationText.where(evaluations.get(0).spec()),
        counted ? "10^9 multiply-adds per image" : "milliseconds per image",
        "mIoU %",
        series);
  }

  private static double score(Scores scores) {
    return scores.values().getOrDefault(MIOU, Double.NaN);
  }

  private static JsonArray json(List<Evaluation> evaluations) {
    JsonArray networks = new JsonArray();
    for (Evaluation evaluation : evaluations) {
      JsonObject network = new JsonObject();
      network.addProperty("network", evaluation.spec().network());
      network.add("mIoU", Json.tree(score(evaluation.answer())));
      network.add("cost", json(evaluation.cost()));
      JsonArray points = new JsonArray();
      for (int t = 0; t < evaluation.iterations().size(); t++) {
        JsonObject point = new JsonObject();
        point.addProperty("iteration", t + 1);
        point.add("mIoU", Json.tree(score(evaluation.iterations().get(t))));
        point.add("multiplyAdds", Json.tree(at(evaluation.cost().multiplyAdds(), t)));
        point.add("milliseconds", Json.tree(at(evaluation.cost().milliseconds(), t)));
        points.add(point);
      }
      network.add("iterations", points);
      networks.add(network);
    }
    return networks;
  }

  /**
   * @param cost of an evaluation
   * @return meanUsed, used (images by number of predictions, the first for one), multiplyAdds,
   *     meanMultiplyAdds, milliseconds
   */
  static JsonObject json(Cost cost) {
    JsonObject object = new JsonObject();
    object.add("meanUsed", Json.tree(cost.meanUsed()));
    object.add("used", Json.tree(histogram(cost)));
    object.add("multiplyAdds", Json.tree(cost.multiplyAdds()));
    object.add("meanMultiplyAdds", Json.tree(cost.meanMultiplyAdds()));
    object.add("milliseconds", Json.tree(cost.milliseconds()));
    return object;
  }

  private static double at(List<Double> values, int index) {
    return index < values.size() ? values.get(index) : Double.NaN;
  }

  private static List<Integer> histogram(Cost cost) {
    int most = cost.used().stream().mapToInt(n -> n).max().orElse(0);
    return IntStream.rangeClosed(1, most)
        .mapToObj(t -> (int) cost.used().stream().filter(n -> n == t).count())
        .toList();
  }

  /** Prints the cost of each prediction, if it was measured or images need different numbers. */
  static void print(Terminal terminal, Evaluation evaluation) {
    Cost cost = evaluation.cost();
    List<Integer> images = histogram(cost);
    boolean equal = images.stream().filter(n -> n > 0).count() <= 1;
    if (equal && cost.milliseconds().isEmpty()) {
      return;
    }
    MacUnit unit = MacUnit.of(cost.multiplyAdds().stream().mapToDouble(m -> m).max().orElse(GIGA));
    Table table = new Table("iteration", unit.label(), "ms", "images that end there");
    for (int t = 0; t < images.size(); t++) {
      table.row(
          String.valueOf(t + 1),
          macs(unit, at(cost.multiplyAdds(), t)),
          number("%.2f", at(cost.milliseconds(), t)),
          Text.count(images.get(t)));
    }
    terminal.out().println();
    terminal.print(table);
    terminal
        .out()
        .println(
            Text.format(
                "%.2f iterations, %s %s per image; an image that ends earlier keeps its last"
                    + " prediction",
                cost.meanUsed(), macs(unit, cost.meanMultiplyAdds()), unit.label()));
  }

  private static String macs(MacUnit unit, double value) {
    return Double.isFinite(value) ? unit.text(value) : "-";
  }

  private static String number(String format, double value) {
    return Double.isFinite(value) ? Text.format(format, value) : "-";
  }
}
