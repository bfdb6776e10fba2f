package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.riglab.api.RigException;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.base.JsonKeys;
import org.riglab.base.Names;
import org.riglab.base.RequestText;

/**
 * A table of networks, as a JSON file describes it: {@code title}; {@code spec}, {@code train} and
 * {@code eval}, objects that hold for every cell; {@code rows}, a list of objects with {@code row}
 * and {@code column} (the position of the cell), {@code network} (the name the network gets, so
 * that two tables share one) and, where the cell differs, {@code spec}, {@code train}, {@code
 * eval}, {@code weights} (the pretrained weights it starts from, by the beginning of the file's
 * name), {@code published} (percentages by metric). {@code axes} makes cells, see {@link
 * AblationAxes}; {@code columns} crosses every row with every column, see {@link #crossed}; {@code
 * small} replaces parts of all of them, see {@link #small}.
 *
 * @param title of the table
 * @param rows its cells, in the order of the file
 * @param baseline name of the network that the others are compared with, without the suffix of its
 *     column
 * @param small as in the file; empty if there is none
 */
record Ablation(String title, List<Row> rows, String baseline, Map<String, Object> small) {
  private static final Set<String> SHARED =
      Set.of(
          "title",
          "spec",
          "train",
          "eval",
          "weights",
          "rows",
          "axes",
          "columns",
          "baseline",
          "small");
  private static final Set<String> OWN =
      Set.of("row", "column", "network", "spec", "train", "eval", "weights", "published");
  private static final Set<String> COLUMN = Set.of("column", "network", "spec", "train", "eval");
  private static final Set<String> SMALL = Set.of("spec", "train", "eval", "backbones");

  /**
   * A cell.
   *
   * @param title of the row
   * @param column position of the cell; empty if the table has one column
   * @param network name of its network
   * @param spec of the network, as JSON
   * @param train options of the training
   * @param eval options of the evaluation
   * @param weights how the file of pretrained weights begins; empty for none
   * @param published percentages by metric
   * @param baseline name of the network that it is compared with
   */
  record Row(
      String title,
      String column,
      String network,
      Map<String, Object> spec,
      Map<String, Object> train,
      Map<String, Object> eval,
      String weights,
      Map<String, Double> published,
      String baseline) {
    /** Row and column. */
    String where() {
      return column.isEmpty() ? title : title + " " + column;
    }
  }

  /**
   * @param file JSON
   * @return the table
   * @throws RigException if the file is not a valid table
   */
  static Ablation read(Path file) {
    return FileContents.read(file, () -> table(file));
  }

  private static Ablation table(Path file) {
    Map<String, Object> json = Json.read(file);
    JsonKeys.check(file.toString(), json.keySet(), SHARED);
    List<Object> items = new ArrayList<>();
    if (json.get("rows") instanceof List<?> list) {
      items.addAll(list);
    }
    if (json.containsKey("axes")) {
      items.addAll(AblationAxes.cells(object(json.get("axes"), file + ": axes"), file.toString()));
    }
    if (items.isEmpty()) {
      throw new RigException(
          file + ": rows is missing; expected a list of objects, or an object axes");
    }
    String baseline = json.containsKey("baseline") ? text(json, "baseline", file.toString()) : null;
    List<Row> rows = new ArrayList<>();
    Set<String> networks = new TreeSet<>();
    for (int i = 0; i < items.size(); i++) {
      String where = file + ", row " + (i + 1);
      Map<String, Object> own = object(items.get(i), where);
      baseline = baseline == null ? network(own, where) : baseline;
      for (Row row : crossed(json, own, baseline, where)) {
        if (!networks.add(row.network())) {
          throw new RigException(
              where + ": a row before has the network " + row.network() + " already");
        }
        rows.add(row);
      }
    }
    Map<String, Object> small = object(json.getOrDefault("small", Map.of()), file + ": small");
    JsonKeys.check(file + ": small", small.keySet(), SMALL);
    return new Ablation(
        json.containsKey("title")
            ? text(json, "title", file.toString())
            : file.getFileName().toString(),
        List.copyOf(rows),
        baseline,
        small);
  }

  /**
   * The cells of a row: one, or one per column. A column is an object with {@code column} (its
   * title), {@code network} (added to the names of the networks of all rows) and {@code spec},
   * {@code train} and {@code eval}, which come before those of the row. Cells are compared with the
   * baseline of their column.
   */
  private static List<Row> crossed(
      Map<String, Object> json, Map<String, Object> own, String baseline, String where) {
    if (!json.containsKey("columns")) {
      return List.of(row(json, own, where, baseline));
    }
    if (!(json.get("columns") instanceof List<?> columns) || columns.isEmpty()) {
      throw new RigException(where + ": columns must be a list of objects");
    }
    if (own.containsKey("column")) {
      throw new RigException(where + ": column must not be given where the table has columns");
    }
    List<Row> rows = new ArrayList<>();
    for (Object item : columns) {
      String place = where + ", column " + (rows.size() + 1);
      Map<String, Object> column = object(item, place);
      JsonKeys.check(place, column.keySet(), COLUMN);
      Map<String, Object> shared = new LinkedHashMap<>(json);
      for (String key : List.of("spec", "train", "eval")) {
        shared.put(key, merged(json, column, key, place));
      }
      String suffix = text(column, "network", place);
      Map<String, Object> cell = new LinkedHashMap<>(own);
      cell.put("column", text(column, "column", place));
      cell.put("network", network(own, where) + suffix);
      rows.add(row(shared, cell, place, baseline + suffix));
    }
    return rows;
  }

  private static Row row(
      Map<String, Object> json, Map<String, Object> own, String where, String baseline) {
    JsonKeys.check(where, own.keySet(), OWN);
    Map<String, Double> published = new LinkedHashMap<>();
    object(own.getOrDefault("published", Map.of()), where + ": published")
        .forEach((name, value) -> published.put(name, number(value, where, name)));
    return new Row(
        text(own, "row", where),
        own.containsKey("column") ? text(own, "column", where) : "",
        network(own, where),
        merged(json, own, "spec", where),
        merged(json, own, "train", where),
        merged(json, own, "eval", where),
        own.containsKey("weights") || json.containsKey("weights")
            ? text(own.containsKey("weights") ? own : json, "weights", where)
            : "",
        published,
        baseline);
  }

  /**
   * The same table of small networks, from scratch: {@code backbones} of {@code small} replaces
   * backbones by name, {@code spec} is added to every spec, {@code train} and {@code eval} replace
   * those of the table. Networks are called NAME-small.
   *
   * @param file for error messages
   * @throws RigException if there is no small form, or it lacks a backbone
   */
  Ablation small(Path file) {
    if (small.isEmpty()) {
      throw new RigException(file + " has no small form; expected an object small");
    }
    Map<String, Object> backbones =
        object(small.getOrDefault("backbones", Map.of()), file + ": small.backbones");
    Map<String, Object> train = object(small.getOrDefault("train", Map.of()), file + ": small");
    Map<String, Object> eval = object(small.getOrDefault("eval", Map.of()), file + ": small");
    List<Row> changed = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> spec = new LinkedHashMap<>(row.spec());
      Object backbone = spec.get("backbone");
      if (!backbones.isEmpty() && !backbones.containsKey(String.valueOf(backbone))) {
        throw new RigException(file + ": small.backbones has no entry for " + backbone);
      }
      spec.put("backbone", backbones.getOrDefault(String.valueOf(backbone), backbone));
      spec.putAll(object(small.getOrDefault("spec", Map.of()), file + ": small.spec"));
      changed.add(
          new Row(
              row.title(),
              row.column(),
              row.network() + "-small",
              spec,
              train,
              eval,
              "",
              row.published(),
              row.baseline() + "-small"));
    }
    return new Ablation(title + ", small form", List.copyOf(changed), baseline + "-small", small);
  }

  /**
   * @param files gives names of files in options of specs, trainings and evaluations as a run finds
   *     them
   * @return the same table with these
   */
  Ablation named(UnaryOperator<Map<String, Object>> files) {
    Map<String, Object> form = new LinkedHashMap<>(small);
    form.replaceAll(
        (key, value) -> value instanceof Map<?, ?> ? files.apply(object(value, key)) : value);
    return new Ablation(
        title,
        rows.stream()
            .map(
                row ->
                    new Row(
                        row.title(),
                        row.column(),
                        row.network(),
                        files.apply(row.spec()),
                        files.apply(row.train()),
                        files.apply(row.eval()),
                        row.weights(),
                        row.published(),
                        row.baseline()))
            .toList(),
        baseline,
        form);
  }

  private static Map<String, Object> merged(
      Map<String, Object> shared, Map<String, Object> own, String key, String where) {
    Map<String, Object> merged =
        new LinkedHashMap<>(object(shared.getOrDefault(key, Map.of()), where + ": " + key));
    merged.putAll(object(own.getOrDefault(key, Map.of()), where + ": " + key));
    return merged;
  }

  private static Map<String, Object> object(Object value, String where) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> object = new LinkedHashMap<>();
      map.forEach((key, item) -> object.put(String.valueOf(key), item));
      return object;
    }
    throw new RigException(where + " is " + value + "; expected an object");
  }

  private static String text(Map<String, Object> json, String key, String where) {
    if (!(json.get(key) instanceof String text) || text.isBlank()) {
      throw new RigException(where + ": " + key + " must be a text");
    }
    // Runs and tables are named after it; names are cut, but stay one line.
    if (text.length() > RequestText.LINE || !Names.printable(text)) {
      throw new RigException(
          "%s: %s must be one line of at most %d printable characters"
              .formatted(where, key, RequestText.LINE));
    }
    return text;
  }

  private static String network(Map<String, Object> json, String where) {
    String name = text(json, "network", where);
    try {
      return RequestText.network(name);
    } catch (RigException e) {
      throw new RigException(where + ": " + e.getMessage(), e);
    }
  }

  private static double number(Object value, String where, String name) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new RigException(where + ": published " + name + " must be a number");
  }
}
