package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.riglab.api.bench.Evaluator;
import org.riglab.base.Visible;

/** Reports of data checks. */
final class CheckText {
  private CheckText() {}

  /**
   * @param terminal to print to
   * @param found the report
   * @param classes supplies the names of the classes; used if there are no errors
   */
  static void print(Terminal terminal, Evaluator.DataReport found, Supplier<List<String>> classes) {
    Table table = new Table("split", "images", "void %", "fingerprint");
    for (Evaluator.SplitReport split : found.splits()) {
      List<Long> pixels = split.pixels();
      table.row(
          split.name(),
          Text.count(split.images()),
          pixels.isEmpty() ? "-" : share(pixels.get(pixels.size() - 1), pixels),
          Text.digest(split.fingerprint()));
    }
    terminal.print(table);
    if (found.errorCount() == 0) {
      List<String> names = classes.get();
      List<String> header = new ArrayList<>(List.of("class"));
      found.splits().forEach(s -> header.add(s.name() + " %"));
      Table shares = new Table(header);
      for (int c = 0; c < names.size(); c++) {
        List<String> row = new ArrayList<>(List.of(names.get(c)));
        for (Evaluator.SplitReport split : found.splits()) {
          // Shares of the pixels that count, so that they sum to 100.
          List<Long> counted = split.pixels().subList(0, names.size());
          row.add(share(counted.get(c), counted));
        }
        shares.row(row);
      }
      terminal.out().println();
      terminal.out().print(shares);
    }
    list(terminal, "warning: ", found.warnings(), found.warningCount());
    list(terminal, "", found.errors(), found.errorCount());
  }

  private static void list(Terminal terminal, String kind, List<String> lines, int count) {
    lines.forEach(line -> terminal.out().println(kind + Visible.line(line)));
    if (count > lines.size()) {
      terminal.out().println(kind + "and " + (count - lines.size()) + " more");
    }
  }

  private static String share(long pixels, List<Long> all) {
    return Text.percent((double) pixels / all.stream().mapToLong(Long::longValue).sum());
  }
}
