package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.data.ClassTable;
import org.riglab.base.Spread;

/** The last iteration's scores of several networks, and their mean. */
final class SummaryTables {
  /** Explanation of the lower rows. */
  static final String NOTE =
      "Last iteration. 95 % +-: half the confidence interval of the mean by Student's t; none for"
          + " one network.";

  /** Title of half an interval. */
  static final String HALF_WIDTH = "95 % +-";

  private SummaryTables() {}

  /**
   * @param evaluations one or more
   * @return spread by the name of the score
   */
  static Map<String, Spread> spreads(List<Evaluation> evaluations) {
    Set<String> names = new LinkedHashSet<>();
    evaluations.forEach(e -> names.addAll(e.answer().values().keySet()));
    Map<String, Spread> spreads = new LinkedHashMap<>();
    for (String name : names) {
      spreads.put(
          name,
          Spread.of(
              evaluations.stream()
                  .map(e -> e.answer().values().getOrDefault(name, Double.NaN))
                  .toList()));
    }
    return spreads;
  }

  /**
   * @param evaluations one or more
   * @return a row per network, then mean and interval, in per cent
   */
  static Table table(List<Evaluation> evaluations) {
    Map<String, Spread> spreads = spreads(evaluations);
    List<String> header = new ArrayList<>(List.of("network"));
    spreads.keySet().forEach(name -> header.add(name + " %"));
    Table table = new Table(header);
    for (Evaluation evaluation : evaluations) {
      List<String> row = new ArrayList<>(List.of(evaluation.spec().network()));
      for (String name : spreads.keySet()) {
        row.add(Text.percent(evaluation.answer().values().getOrDefault(name, Double.NaN)));
      }
      table.row(row);
    }
    List<String> mean = new ArrayList<>(List.of("mean"));
    List<String> halfWidth = new ArrayList<>(List.of(HALF_WIDTH));
    for (Spread spread : spreads.values()) {
      mean.add(Text.percent(spread.mean()));
      halfWidth.add(Text.percent(spread.halfWidth()));
    }
    table.row(mean);
    table.row(halfWidth);
    return table;
  }

  /**
   * @param evaluations one or more, of the same classes
   * @return a row per class with mean and interval of every score, in per cent
   */
  static Table perClass(List<Evaluation> evaluations) {
    Set<String> names = new LinkedHashSet<>();
    evaluations.forEach(e -> names.addAll(e.answer().perClass().keySet()));
    List<String> header = new ArrayList<>(List.of("class"));
    for (String name : names) {
      header.add(name + " %");
      header.add(HALF_WIDTH);
    }
    Table table = new Table(header);
    List<ClassTable.Entry> classes = evaluations.get(0).classes().entries();
    for (int c = 0; c < classes.size(); c++) {
      List<String> row = new ArrayList<>(List.of(classes.get(c).name()));
      for (String name : names) {
        List<Double> values = new ArrayList<>();
        for (Evaluation evaluation : evaluations) {
          values.add(ScoreTables.perClass(evaluation.answer(), name, c));
        }
        Spread spread = Spread.of(values);
        row.add(Text.percent(spread.mean()));
        row.add(Text.percent(spread.halfWidth()));
      }
      table.row(row);
    }
    return table;
  }
}
