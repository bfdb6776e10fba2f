package org.riglab.shell.internal;

import java.util.List;
import java.util.stream.Collectors;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.base.Names;

/** Tables of transferred weights. */
final class Transfers {
  private static final int SHOWN = 12;

  private Transfers() {}

  /**
   * @param terminal where to
   * @param transfer what became of the weights
   * @param matched what the matched ones did, for example stayed
   */
  static void print(Terminal terminal, WeightTransfer transfer, String matched) {
    terminal.out().println(Text.count(transfer.matched().size(), "tensor") + " " + matched);
    if (!transfer.restored().isEmpty()) {
      names(terminal, transfer.restored(), "restored from the previous use of the part");
    }
    names(terminal, transfer.initialised(), "initialised");
    names(terminal, transfer.leftOver(), "left over");
  }

  /**
   * @param terminal where to
   * @param done an import
   * @param all whether to list every tensor
   */
  static void print(Terminal terminal, ImportReport done, boolean all) {
    terminal.out().println("format  " + done.format());
    if (!done.mapping().isEmpty()) {
      terminal.out().println("names   " + done.mapping());
    }
    if (!done.trainedOn().isEmpty()) {
      terminal.out().println("trained on " + done.trainedOn() + " according to the file");
    }
    if (!done.pixels().isEmpty()) {
      terminal.out().println("pixels  " + done.pixels());
    }
    terminal.out().println();
    Table counts = new Table("tensors", "", "");
    for (ImportReport.Fate fate : ImportReport.Fate.values()) {
      List<ImportReport.Row> rows =
          done.tensors().stream().filter(row -> row.fate() == fate).toList();
      counts.row(Text.count(rows.size()), word(fate), rows.isEmpty() ? "" : why(fate, rows));
    }
    terminal.print(counts);
    List<ImportReport.Row> listed =
        done.tensors().stream().filter(row -> all || remarkable(row)).toList();
    if (!listed.isEmpty()) {
      Table table = new Table("", "in the file", "in the network", "shape", "");
      listed.stream()
          .limit(all ? listed.size() : SHOWN)
          .forEach(
              row ->
                  table.row(
                      word(row.fate()),
                      dash(row.source()),
                      dash(row.name()),
                      (row.dtype() + " " + row.shape()).strip(),
                      row.note()));
      terminal.out().println();
      terminal.print(table);
      if (!all && listed.size() > SHOWN) {
        terminal.out().println("and " + (listed.size() - SHOWN) + " more (--all lists them)");
      }
    }
  }

  private static String word(ImportReport.Fate fate) {
    return Names.writtenChoice(fate).replace('-', ' ');
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static boolean remarkable(ImportReport.Row row) {
    return switch (row.fate()) {
      case MISSING, LEFT_OVER -> true;
      case MATCHED -> row.note().contains("channels");
      case IGNORED -> false;
    };
  }

  private static String why(ImportReport.Fate fate, List<ImportReport.Row> rows) {
    return switch (fate) {
      case MATCHED -> {
        String other =
            rows.stream()
                .map(ImportReport.Row::dtype)
                .filter(dtype -> !dtype.equals("float32"))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        yield other.isEmpty() ? "float32" : "float32, converted from " + other;
      }
      case MISSING -> "remain unchanged";
      case LEFT_OVER -> "not used by the network";
      case IGNORED ->
          rows.stream().map(ImportReport.Row::note).distinct().collect(Collectors.joining("; "));
    };
  }

  private static void names(Terminal terminal, List<String> names, String what) {
    if (names.isEmpty()) {
      terminal.out().println("none " + what);
      return;
    }
    terminal.out().println(names.size() + " " + what + ":");
    names.stream().limit(SHOWN).forEach(n -> terminal.out().println("  " + n));
    if (names.size() > SHOWN) {
      terminal.out().println("  and " + (names.size() - SHOWN) + " more (--json lists all)");
    }
  }
}
