package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import org.riglab.api.bench.SideBySide;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;

/** Shows two variants of a network side by side. */
final class VariantTables {
  private VariantTables() {}

  /**
   * @param terminal where to
   * @param both what came of the comparison
   * @param titles of the variants
   */
  static void print(Terminal terminal, SideBySide both, List<String> titles) {
    terminal
        .out()
        .println(
            terminal.wrap(
                Text.format(
                    "%s on %s%s: %s; %s %.1f s, %s %.1f s",
                    both.spec().network(),
                    Parts.text(both.spec().dataset()),
                    both.spec().split().isEmpty() ? "" : " " + both.spec().split(),
                    Text.count(both.images(), "image"),
                    titles.get(0),
                    both.first().seconds(),
                    titles.get(1),
                    both.second().seconds()),
                4));
    weights(terminal, titles.get(0), both.first());
    weights(terminal, titles.get(1), both.second());
    terminal.out().println();
    terminal.print(summary(both, titles));
    terminal.out().println();
    terminal.print(classes(both, titles));
    terminal.out().println();
    terminal
        .out()
        .println(
            "the predictions differ in " + Text.percent(both.differing()) + " % of the pixels");
    if (!both.most().isEmpty()) {
      terminal.out().println();
      terminal.print(images(both, titles));
    }
  }

  private static void weights(Terminal terminal, String title, SideBySide.Variant variant) {
    int fresh = variant.weights().initialised().size();
    int restored = variant.weights().restored().size();
    StringBuilder line = new StringBuilder(title).append(": ");
    line.append(Text.count(variant.weights().matched().size(), "tensor")).append(" of the network");
    if (restored > 0) {
      line.append(", ").append(restored).append(" restored from the previous use of the part");
    }
    if (fresh > 0) {
      line.append(", ").append(fresh).append(" initialized from the seed");
    }
    terminal.out().println(terminal.wrap(line.toString(), 4));
  }

  private static Table summary(SideBySide both, List<String> titles) {
    Table table = new Table("iteration", "mIoU % " + titles.get(0), titles.get(1), "difference");
    int iterations = Math.max(both.first().iterations().size(), both.second().iterations().size());
    for (int t = 0; t < iterations; t++) {
      double first = value(both.first().iterations(), t);
      double second = value(both.second().iterations(), t);
      table.row(
          String.valueOf(t + 1), Text.percent(first), Text.percent(second), signed(second - first));
    }
    return table;
  }

  private static double value(List<Scores> iterations, int t) {
    return t < iterations.size()
        ? iterations.get(t).values().getOrDefault("mIoU", Double.NaN)
        : Double.NaN;
  }

  /** In points of per cent. */
  private static String signed(double difference) {
    return Double.isFinite(difference) ? Text.format("%+.2f", 100 * difference) : "-";
  }

  private static Table classes(SideBySide both, List<String> titles) {
    Table table = new Table("class", "IoU % " + titles.get(0), titles.get(1), "difference");
    List<ClassTable.Entry> entries = both.classes().entries();
    for (int c = 0; c < entries.size(); c++) {
      double first = ScoreTables.perClass(both.first().answer(), "IoU", c);
      double second = ScoreTables.perClass(both.second().answer(), "IoU", c);
      table.row(
          entries.get(c).name(), Text.percent(first), Text.percent(second), signed(second - first));
    }
    return table;
  }

  private static Table images(SideBySide both, List<String> titles) {
    Table table = new Table("image", "differing %", "right % " + titles.get(0), titles.get(1));
    for (SideBySide.Difference image : both.most()) {
      table.row(
          image.id(),
          Text.percent(image.share()),
          Text.percent(image.first()),
          Text.percent(image.second()));
    }
    return table;
  }

  /**
   * @param both what came of the comparison
   * @param titles of the variants
   * @return an object
   */
  static JsonObject json(SideBySide both, List<String> titles) {
    JsonObject object = new JsonObject();
    object.addProperty("network", both.spec().network());
    object.addProperty("dataset", Parts.text(both.spec().dataset()));
    object.addProperty("split", both.spec().split());
    object.addProperty("fingerprint", both.fingerprint());
    object.addProperty("images", both.images());
    object.add("differing", Json.tree(both.differing()));
    object.add("most", Json.tree(both.most()));
    JsonArray variants = new JsonArray();
    variants.add(json(both.first(), titles.get(0)));
    variants.add(json(both.second(), titles.get(1)));
    object.add("variants", variants);
    return object;
  }

  private static JsonObject json(SideBySide.Variant variant, String title) {
    JsonObject object = new JsonObject();
    object.addProperty("title", title);
    object.add("spec", Json.tree(variant.spec()));
    object.add("weights", Json.tree(variant.weights()));
    object.addProperty("seconds", variant.seconds());
    JsonArray iterations = new JsonArray();
    variant.iterations().forEach(scores -> iterations.add(ScoreTables.json(scores)));
    object.add("iterations", iterations);
    return object;
  }
}
