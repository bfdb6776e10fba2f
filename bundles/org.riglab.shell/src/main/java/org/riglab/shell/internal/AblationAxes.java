package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.base.JsonKeys;

/**
 * Cells of a table from axes: {@code fields}, an object of a list of values per field; {@code
 * columns}, a list of the fields that make columns (the last one without it); {@code network}, what
 * names of networks begin with. A field is one of the spec, or {@code train.OPTION}. There is a
 * cell for every combination.
 */
final class AblationAxes {
  private static final Set<String> KEYS = Set.of("fields", "columns", "network");
  private static final String TRAIN = "train.";

  private AblationAxes() {}

  /** One value of each field. */
  private record Combination(Map<String, Object> values) {
    Combination with(String field, Object value) {
      Map<String, Object> more = new LinkedHashMap<>(values);
      more.put(field, value);
      return new Combination(more);
    }
  }

  /**
   * @param axes as described
   * @param file for error messages
   * @return cells as {@link Ablation} reads them
   */
  static List<Object> cells(Map<String, Object> axes, String file) {
    JsonKeys.check(file + ": axes", axes.keySet(), KEYS);
    if (!(axes.get("fields") instanceof Map<?, ?> fields) || fields.isEmpty()) {
      throw new RigException(file + ": axes: fields must be an object of lists");
    }
    List<String> names = fields.keySet().stream().map(String::valueOf).toList();
    List<String> columns =
        axes.get("columns") instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : names.size() == 1 ? List.of() : names.subList(names.size() - 1, names.size());
    if (!names.containsAll(columns)) {
      throw new RigException(
          file + ": axes: columns is " + columns + "; expected some of " + names);
    }
    List<Combination> combinations = List.of(new Combination(Map.of()));
    for (String name : names) {
      if (!(fields.get(name) instanceof List<?> values) || values.isEmpty()) {
        throw new RigException(file + ": axes: " + name + " must be a list of values");
      }
      combinations =
          combinations.stream()
              .flatMap(c -> values.stream().map(value -> c.with(name, value)))
              .toList();
    }
    String prefix = String.valueOf(axes.getOrDefault("network", "cell"));
    List<Object> cells = new ArrayList<>();
    for (Combination combination : combinations) {
      cells.add(cell(combination.values(), names, columns, prefix));
    }
    return cells;
  }

  private static Map<String, Object> cell(
      Map<String, Object> values, List<String> names, List<String> columns, String prefix) {
    Map<String, Object> spec = new LinkedHashMap<>();
    Map<String, Object> train = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(TRAIN)) {
            train.put(name.substring(TRAIN.length()), value);
          } else {
            spec.put(name, value);
          }
        });
    List<String> rows = names.stream().filter(name -> !columns.contains(name)).toList();
    Map<String, Object> cell = new LinkedHashMap<>();
    cell.put("row", rows.isEmpty() ? "all" : label(rows, values));
    if (!columns.isEmpty()) {
      cell.put("column", label(columns, values));
    }
    cell.put(
        "network",
        (prefix
                + "-"
                + names.stream()
                    .map(name -> text(values.get(name)))
                    .collect(Collectors.joining("-")))
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9.]+", "-")
            .replaceAll("-+$", ""));
    cell.put("spec", spec);
    cell.put("train", train);
    return cell;
  }

  private static String label(List<String> names, Map<String, Object> values) {
    return names.stream()
        .map(name -> name.replace(TRAIN, "") + " " + text(values.get(name)))
        .collect(Collectors.joining(", "));
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(AblationAxes::text).collect(Collectors.joining(" "));
    }
    return value instanceof Double number && number == Math.rint(number)
        ? String.valueOf(number.longValue())
        : String.valueOf(value);
  }
}
