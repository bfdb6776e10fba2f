package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.riglab.base.Names;
import org.riglab.search.Search;
import org.riglab.search.SearchResult;
import org.riglab.search.Trial;

/** The trials of a search and the importance of its fields, as tables and as JSON. */
final class SearchTables {
  private SearchTables() {}

  /** The trials that are known in advance. */
  static void print(Search search, List<Trial> trials, Terminal terminal) {
    List<String> header = new ArrayList<>(List.of("trial"));
    header.addAll(search.space().keySet());
    Table table = new Table(header);
    for (Trial trial : trials) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(trial.number())));
      trial.values().values().forEach(value -> row.add(String.valueOf(value)));
      table.row(row);
    }
    terminal.out().println(search.name() + ": " + Text.count(search.runs(), "trial") + " at most");
    terminal.print(table);
  }

  static void print(Search search, SearchResult result, Terminal terminal) {
    List<String> header =
        new ArrayList<>(List.of("rank", "trial", "state", search.metric(), "step"));
    header.addAll(search.space().keySet());
    header.add("network");
    Table table = new Table(header);
    int rank = 1;
    for (Trial trial : result.trials()) {
      List<String> row = new ArrayList<>();
      row.add(String.valueOf(rank++));
      row.add(String.valueOf(trial.number()));
      row.add(Names.writtenChoice(trial.state()));
      row.add(search.format(trial.score()));
      row.add(String.valueOf(trial.step()));
      trial.values().values().forEach(value -> row.add(String.valueOf(value)));
      row.add(trial.networks().get(0));
      table.row(row);
    }
    terminal.print(table.states("state").optional("network"));
    Table fields = new Table("field", "importance");
    result
        .importance()
        .forEach(
            (field, share) ->
                fields.row(field, share.isNaN() ? "-" : String.format(Locale.ROOT, "%.2f", share)));
    terminal.out().println("\nimportance: " + result.importanceMethod());
    terminal.print(fields);
  }

  /** The trials that are known in advance. */
  static Map<String, Object> json(Search search, List<Trial> trials) {
    Map<String, Object> json = head(search);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Trial trial : trials) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("trial", trial.number());
      row.put("values", trial.values());
      row.put("networks", trial.networks());
      row.put("train", trial.training());
      rows.add(row);
    }
    json.put("trials", rows);
    return json;
  }

  static Map<String, Object> json(Search search, SearchResult result) {
    Map<String, Object> json = head(search);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Trial trial : result.trials()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("trial", trial.number());
      row.put("state", Names.writtenChoice(trial.state()));
      row.put("score", finite(trial.score()));
      row.put("step", trial.step());
      row.put("values", trial.values());
      List<Object> rungs = new ArrayList<>();
      trial.rungs().forEach(score -> rungs.add(finite(score)));
      row.put("rungs", rungs);
      row.put("runs", trial.runs());
      row.put("networks", trial.networks());
      rows.add(row);
    }
    json.put("trials", rows);
    Map<String, Object> importance = new LinkedHashMap<>();
    result.importance().forEach((field, share) -> importance.put(field, finite(share)));
    json.put("importance", importance);
    json.put("importanceMethod", result.importanceMethod());
    return json;
  }

  private static Map<String, Object> head(Search search) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", search.name());
    json.put("method", search.method());
    json.put("metric", search.metric());
    json.put("seed", search.seed());
    json.put("space", search.space());
    return json;
  }

  /** JSON has neither NaN nor infinities. */
  private static Object finite(double value) {
    return Double.isFinite(value) ? (Object) value : null;
  }
}
