package org.riglab.shell.internal;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;

/** Scores as tables and JSON. */
final class ScoreTables {
  /** How the numbers came about. */
  static final String POLICY =
      "One confusion matrix for the whole split; void is not counted; a class whose union is empty"
          + " is left out of mIoU, one without ground truth out of mAcc.";

  /** The metric with this policy. */
  static final String CONFUSION = "confusion";

  private static final String IOU = "IoU";

  /** Of the labelled pixels, where predictions may be no class and the matrix has fewer. */
  private static final String SHARE = "share";

  private static final int MOST_NAMED = 5;

  private ScoreTables() {}

  /**
   * @param iterations scores per iteration
   * @return one row per iteration, in per cent
   */
  static Table summary(List<Scores> iterations) {
    Set<String> names = new LinkedHashSet<>();
    iterations.forEach(s -> names.addAll(s.values().keySet()));
    List<String> header = new ArrayList<>(List.of("iteration"));
    names.forEach(n -> header.add(n + " %"));
    Table table = new Table(header);
    for (int t = 0; t < iterations.size(); t++) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(t + 1)));
      for (String name : names) {
        row.add(Text.percent(iterations.get(t).values().getOrDefault(name, Double.NaN)));
      }
      table.row(row);
    }
    return table;
  }

  /**
   * @param classes names by label
   * @param iterations scores per iteration
   * @return one row per class: its share of the labelled pixels and its IoU per iteration, in per
   *     cent
   */
  static Table perClass(List<String> classes, List<Scores> iterations) {
    List<String> header = new ArrayList<>(List.of("class", "pixels %"));
    if (iterations.size() == 1) {
      header.add("IoU %");
    } else {
      IntStream.rangeClosed(1, iterations.size()).forEach(t -> header.add("IoU % t" + t));
    }
    List<List<Long>> confusion = iterations.get(0).confusion();
    double all = confusion.stream().flatMap(List::stream).mapToLong(Long::longValue).sum();
    Table table = new Table(header);
    for (int c = 0; c < classes.size(); c++) {
      List<String> row = new ArrayList<>(List.of(classes.get(c)));
      double share = perClass(iterations.get(0), SHARE, c);
      row.add(
          !Double.isNaN(share)
              ? Text.percent(share)
              : c < confusion.size()
                  ? Text.percent(confusion.get(c).stream().mapToLong(Long::longValue).sum() / all)
                  : "-");
      for (Scores scores : iterations) {
        row.add(Text.percent(perClass(scores, IOU, c)));
      }
      table.row(row);
    }
    return table;
  }

  /**
   * @param classes names by label
   * @param iterations scores per iteration
   * @return one row per class with every score of the last iteration, in per cent
   */
  static Table allPerClass(List<String> classes, List<Scores> iterations) {
    Scores answer = iterations.get(iterations.size() - 1);
    List<String> header = new ArrayList<>(List.of("class"));
    List<String> names =
        answer.perClass().keySet().stream().filter(name -> !name.equals(SHARE)).toList();
    names.forEach(name -> header.add(name + " %"));
    Table table = new Table(header);
    for (int c = 0; c < classes.size(); c++) {
      List<String> row = new ArrayList<>(List.of(classes.get(c)));
      for (String name : names) {
        row.add(Text.percent(perClass(answer, name, c)));
      }
      table.row(row);
    }
    return table;
  }

  /**
   * @param scores any
   * @param name of a score per class
   * @param label of the class
   * @return the score; NaN if there is none
   */
  static double perClass(Scores scores, String name, int label) {
    List<Double> values = scores.perClass().getOrDefault(name, List.of());
    return label < values.size() ? values.get(label) : Double.NaN;
  }

  /**
   * @param terminal where they are shown
   * @param parts that took part in an evaluation
   * @return how the metrics among them count, a paragraph each
   */
  static String policy(Terminal terminal, List<PartInfo> parts) {
    StringBuilder policy = new StringBuilder();
    for (PartInfo part : parts) {
      if (part.kind().equals(Metric.KIND) && part.name().equals(CONFUSION)) {
        policy.append(terminal.wrap(POLICY, 0)).append('\n');
      } else if (part.kind().equals(Metric.KIND) && !part.about().isEmpty()) {
        policy.append(terminal.wrap(part.name() + ": " + part.about(), 0)).append('\n');
      }
    }
    return policy.toString();
  }

  /**
   * @param classes names by label
   * @param scores of an evaluation
   * @return which classes no pixel is labelled with, so that a score over few classes is not taken
   *     for one over all; empty if there are none
   */
  static Optional<String> absent(List<String> classes, Scores scores) {
    List<List<Long>> confusion = scores.confusion();
    List<String> absent =
        IntStream.range(0, Math.min(classes.size(), confusion.size()))
            .filter(c -> confusion.get(c).stream().allMatch(n -> n == 0))
            .mapToObj(classes::get)
            .toList();
    return absent.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "No pixel is labelled %s: the scores cover %d of %d classes."
                .formatted(
                    String.join(", ", absent.subList(0, Math.min(MOST_NAMED, absent.size())))
                        + (absent.size() > MOST_NAMED ? ", ..." : ""),
                    confusion.size() - absent.size(),
                    confusion.size()));
  }

  /**
   * @param scores any
   * @return an object: every value under its name, then perClass and confusion
   */
  static JsonObject json(Scores scores) {
    JsonObject object = Json.tree(scores.values()).getAsJsonObject();
    object.add("perClass", Json.tree(scores.perClass()));
    object.add("confusion", Json.tree(scores.confusion()));
    return object;
  }

  /**
   * @param classes names by label
   * @param iterations scores per iteration
   * @return CSV: iteration, label, then the pixels predicted as each class
   */
  static String confusionCsv(List<String> classes, List<Scores> iterations) {
    StringBuilder csv = new StringBuilder("iteration,label");
    classes.forEach(c -> csv.append(',').append(quoted(c)));
    csv.append('\n');
    for (int t = 0; t < iterations.size(); t++) {
      List<List<Long>> rows = iterations.get(t).confusion();
      for (int c = 0; c < rows.size(); c++) {
        csv.append(t + 1).append(',').append(quoted(classes.get(c)));
        rows.get(c).forEach(n -> csv.append(',').append(n));
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static String quoted(String text) {
    return text.matches("[^,\"\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
