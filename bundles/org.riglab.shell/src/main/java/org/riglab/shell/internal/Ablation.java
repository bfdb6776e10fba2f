package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.RigException;
import org.riglab.base.Json;

/**
 * A table of networks, as a JSON file describes it: {@code title}; {@code spec}, {@code train} and
 * {@code eval}, objects that hold for every row; {@code rows}, a list of objects with {@code row}
 * (its title), {@code network} (the name the network gets, so that two tables share one) and, where
 * the row differs, {@code spec}, {@code train}, {@code eval}, {@code weights} (the pretrained
 * weights it starts from, by the beginning of the file's name), {@code published} (percentages by
 * metric).
 *
 * @param title of the table
 * @param rows in the order of the file
 */
record Ablation(String title, List<Row> rows) {
  private static final Set<String> SHARED =
      Set.of("title", "spec", "train", "eval", "weights", "rows");
  private static final Set<String> OWN =
      Set.of("row", "network", "spec", "train", "eval", "weights", "published");

  /**
   * A row.
   *
   * @param title of the row
   * @param network name of its network
   * @param spec of the network, as JSON
   * @param train options of the training
   * @param eval options of the evaluation
   * @param weights how the file of pretrained weights begins; empty for none
   * @param published percentages by metric
   */
  record Row(
      String title,
      String network,
      Map<String, Object> spec,
      Map<String, Object> train,
      Map<String, Object> eval,
      String weights,
      Map<String, Double> published) {}

  /**
   * @param file JSON
   * @return the table
   * @throws RigException if the file is no table; says what and where
   */
  static Ablation read(Path file) {
    Map<String, Object> json = Json.read(file);
    keys(json, SHARED, file.toString());
    if (!(json.get("rows") instanceof List<?> list) || list.isEmpty()) {
      throw new RigException(file + ": rows is missing; right would be a list of objects");
    }
    List<Row> rows = new ArrayList<>();
    Set<String> networks = new TreeSet<>();
    for (Object item : list) {
      String where = file + ", row " + (rows.size() + 1);
      Map<String, Object> own = object(item, where);
      keys(own, OWN, where);
      Map<String, Double> published = new LinkedHashMap<>();
      object(own.getOrDefault("published", Map.of()), where + ": published")
          .forEach((name, value) -> published.put(name, number(value, where, name)));
      String network = text(own, "network", where);
      if (!networks.add(network)) {
        throw new RigException(where + ": a row before has the network " + network + " already");
      }
      rows.add(
          new Row(
              text(own, "row", where),
              network,
              merged(json, own, "spec", where),
              merged(json, own, "train", where),
              merged(json, own, "eval", where),
              own.containsKey("weights") || json.containsKey("weights")
                  ? text(own.containsKey("weights") ? own : json, "weights", where)
                  : "",
              published));
    }
    return new Ablation(
        json.containsKey("title")
            ? text(json, "title", file.toString())
            : file.getFileName().toString(),
        List.copyOf(rows));
  }

  private static Map<String, Object> merged(
      Map<String, Object> shared, Map<String, Object> own, String key, String where) {
    Map<String, Object> merged =
        new LinkedHashMap<>(object(shared.getOrDefault(key, Map.of()), where + ": " + key));
    merged.putAll(object(own.getOrDefault(key, Map.of()), where + ": " + key));
    return merged;
  }

  private static void keys(Map<String, Object> json, Set<String> allowed, String where) {
    for (String key : json.keySet()) {
      if (!allowed.contains(key)) {
        throw new RigException(
            where
                + ": '"
                + key
                + "' is unknown; allowed are "
                + String.join(", ", new TreeSet<>(allowed)));
      }
    }
  }

  private static Map<String, Object> object(Object value, String where) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> object = new LinkedHashMap<>();
      map.forEach((key, item) -> object.put(String.valueOf(key), item));
      return object;
    }
    throw new RigException(where + " is " + value + "; right would be an object");
  }

  private static String text(Map<String, Object> json, String key, String where) {
    if (json.get(key) instanceof String text && !text.isBlank()) {
      return text;
    }
    throw new RigException(where + ": " + key + " must be a text");
  }

  private static double number(Object value, String where, String name) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new RigException(where + ": published " + name + " must be a number");
  }
}
