package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.riglab.base.PairedBootstrap;
import org.riglab.base.Spread;
import org.riglab.shell.internal.AblationCells.Cell;
import org.riglab.shell.internal.FormattedTable.Entry;

/** A table of cells, in the layout of its file. */
final class AblationTable {
  private static final String USUAL = "mIoU";

  private final Ablation ablation;
  private final List<Cell> cells;
  private final Set<String> metrics = new LinkedHashSet<>();

  AblationTable(Ablation ablation, List<Cell> cells) {
    this.ablation = ablation;
    this.cells = cells;
    cells.forEach(cell -> metrics.addAll(cell.row().published().keySet()));
    if (metrics.isEmpty()) {
      metrics.add(USUAL);
    }
  }

  Set<String> metrics() {
    return metrics;
  }

  /** The cell that another one is compared with; null if it is not in the table. */
  Cell baseline(Cell cell) {
    return cells.stream()
        .filter(other -> other.row().network().equals(cell.row().baseline()))
        .findFirst()
        .orElse(null);
  }

  /** One table per metric if there are columns, else one with a line per cell. */
  List<FormattedTable> tables() {
    boolean columns = cells.stream().anyMatch(cell -> !cell.row().column().isEmpty());
    return columns ? metrics.stream().map(this::grid).toList() : List.of(list());
  }

  private FormattedTable list() {
    List<String> header = new ArrayList<>(List.of("row", "network", "parameters"));
    for (String metric : metrics) {
      header.addAll(List.of(metric + " %", "published", "difference"));
    }
    header.add("loss");
    List<List<Entry>> rows = new ArrayList<>();
    for (Cell cell : cells) {
      List<Entry> row = new ArrayList<>();
      row.add(Entry.plain(cell.row().title()));
      row.add(Entry.plain(cell.row().network()));
      row.add(Entry.plain(parameters(cell)));
      for (String metric : metrics) {
        row.add(new Entry(score(cell, metric), best(cell, metric)));
        row.add(Entry.plain(published(cell, metric).orElse("")));
        row.add(Entry.plain(difference(cell, metric)));
      }
      row.add(Entry.plain(loss(cell)));
      rows.add(row);
    }
    return new FormattedTable(ablation.title(), header, rows, note());
  }

  private FormattedTable grid(String metric) {
    Set<String> columns = new LinkedHashSet<>();
    Set<String> titles = new LinkedHashSet<>();
    for (Cell cell : cells) {
      columns.add(cell.row().column());
      titles.add(cell.row().title());
    }
    List<String> header = new ArrayList<>(List.of(""));
    header.addAll(columns);
    List<List<Entry>> rows = new ArrayList<>();
    for (String title : titles) {
      List<Entry> row = new ArrayList<>(List.of(Entry.plain(title)));
      for (String column : columns) {
        row.add(
            cells.stream()
                .filter(c -> c.row().title().equals(title) && c.row().column().equals(column))
                .findFirst()
                .map(cell -> new Entry(whole(cell, metric), best(cell, metric)))
                .orElse(Entry.plain("")));
      }
      rows.add(row);
    }
    return new FormattedTable(ablation.title() + ", " + metric + " %", header, rows, note());
  }

  private String whole(Cell cell, String metric) {
    String score = score(cell, metric);
    String difference = difference(cell, metric);
    return (score
            + published(cell, metric).map(value -> " (" + value + ")").orElse("")
            + (difference.isEmpty() ? "" : " " + difference))
        .strip();
  }

  private static String parameters(Cell cell) {
    return cell.seeds().stream()
        .map(AblationCells.Seed::parameters)
        .filter(parameters -> parameters > 0)
        .findFirst()
        .map(Text::count)
        .orElse("");
  }

  private static String score(Cell cell, String metric) {
    Spread spread = cell.spread(metric);
    if (spread.n() == 0) {
      return "";
    }
    String mean = number("%.2f", 100 * spread.mean());
    return (spread.n() == 1 ? mean : mean + number(" ± %.2f", 100 * spread.halfWidth()))
        + (spread.n() < cell.seeds().size() ? " (n=" + spread.n() + ")" : "");
  }

  private static Optional<String> published(Cell cell, String metric) {
    return Optional.ofNullable(cell.row().published().get(metric))
        .map(value -> number("%.1f", value));
  }

  private String difference(Cell cell, String metric) {
    PairedBootstrap.Difference difference = AblationCells.difference(cell, baseline(cell), metric);
    return difference == null
        ? ""
        : String.format(
            Locale.ROOT,
            "%+.2f [%+.2f, %+.2f]%s",
            100 * difference.mean(),
            100 * difference.low(),
            100 * difference.high(),
            difference.significant() ? "*" : "");
  }

  /** Whether no cell with the same baseline is better. */
  private boolean best(Cell cell, String metric) {
    double own = cell.spread(metric).mean();
    return !Double.isNaN(own)
        && cells.stream()
            .filter(other -> other.row().baseline().equals(cell.row().baseline()))
            .noneMatch(other -> other.spread(metric).mean() > own);
  }

  private static String loss(Cell cell) {
    if (cell.seeds().isEmpty() || Double.isNaN(cell.seeds().get(0).firstLoss())) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "%.3f to %.3f",
        cell.seeds().get(0).firstLoss(),
        cell.seeds().get(0).lastLoss());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private String note() {
    String cells =
        "Mean over the seeds ± half the 95 % confidence interval (Student's t), n where seeds are"
            + " missing; in brackets the published value.";
    boolean compared = this.cells.stream().anyMatch(cell -> baseline(cell) != null);
    boolean byColumn =
        this.cells.stream().map(cell -> cell.row().baseline()).distinct().count() > 1;
    return !compared
        ? cells
        : cells
            + " Difference to "
            + ablation.baseline()
            + (byColumn ? " of the column" : "")
            + " in points, with its 95 % interval by a paired bootstrap over images and seeds; *"
            + " the interval excludes 0.";
  }
}
