package org.riglab.web.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.riglab.api.lab.Run;

/**
 * What differs between runs.
 *
 * @param runs the runs, in the order of the request
 * @param spec fields of spec and network that differ, with one value per run; null for none
 * @param parts parts that differ, likewise
 * @param sameData whether all used the same data
 * @param metrics last values, one per run; null for none
 * @param classes names of those with an IoU in any run
 * @param iou per class one IoU per run, 0 to 1; null for none
 */
record Differences(
    List<Map<String, Object>> runs,
    Map<String, List<Object>> spec,
    Map<String, List<Object>> parts,
    boolean sameData,
    Map<String, List<Object>> metrics,
    List<String> classes,
    List<List<Object>> iou) {
  private static final String IOU = "IoU.";

  /**
   * @param runs two or more
   * @return what differs between them
   */
  static Differences of(List<Run> runs) {
    Map<String, List<Object>> metrics = table(runs, run -> new TreeMap<>(run.metrics()));
    Map<String, List<Object>> perClass = new LinkedHashMap<>();
    metrics.forEach(
        (name, values) -> {
          if (name.startsWith(IOU)) {
            perClass.put(name.substring(IOU.length()), values);
          }
        });
    metrics.keySet().removeIf(name -> name.startsWith(IOU));
    return new Differences(
        runs.stream().map(run -> Columns.row(run, Columns.USUAL)).toList(),
        differing(runs, table(runs, Differences::fields)),
        differing(runs, table(runs, run -> new TreeMap<>(run.parts()))),
        runs.stream().filter(Differences::started).map(Run::data).distinct().count() <= 1,
        metrics,
        List.copyOf(perClass.keySet()),
        List.copyOf(perClass.values()));
  }

  /** Whether a run has started; its parts and data are recorded at its start. */
  private static boolean started(Run run) {
    return !run.data().isEmpty();
  }

  /**
   * @param run a run
   * @return the fields of its spec, and of its network's with {@code network.} in front; the gate
   *     of a network without feedback is omitted
   */
  static Map<String, Object> fields(Run run) {
    Map<String, Object> fields = new TreeMap<>();
    flatten("", run.spec(), fields);
    Map<String, Object> network = new TreeMap<>(run.networkSpec());
    if (network.get("feedback") instanceof List<?> feedback && feedback.isEmpty()) {
      network.remove("gate");
    }
    flatten("network.", network, fields);
    return fields;
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, Object> into) {
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
            flatten(prefix + key + ".", inner, into);
          } else {
            into.put(prefix + key, value);
          }
        });
  }

  private static Map<String, List<Object>> table(
      List<Run> runs, Function<Run, Map<String, Object>> values) {
    List<Map<String, Object>> columns = runs.stream().map(values).toList();
    TreeSet<String> names = new TreeSet<>();
    columns.forEach(column -> names.addAll(column.keySet()));
    Map<String, List<Object>> table = new LinkedHashMap<>();
    for (String name : names) {
      List<Object> row = new ArrayList<>();
      columns.forEach(column -> row.add(column.get(name)));
      table.put(name, row);
    }
    return table;
  }

  private static Map<String, List<Object>> differing(
      List<Run> runs, Map<String, List<Object>> table) {
    table
        .values()
        .removeIf(
            row -> {
              Set<Object> values = new HashSet<>();
              for (int i = 0; i < row.size(); i++) {
                if (row.get(i) != null || started(runs.get(i))) {
                  values.add(row.get(i));
                }
              }
              return values.size() <= 1;
            });
    return table;
  }
}
