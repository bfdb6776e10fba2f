package org.riglab.shell.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.riglab.base.Json;
import org.riglab.shell.internal.AblationPlans.Plan;

/** A table with its runs in the home, {@code tables/NAME.json}, from which the page shows it. */
final class AblationRecord {
  private static final String CELLS = "cells";
  private static final String SEEDS = "seeds";
  private static final String SEED = "seed";
  private static final String ROW = "row";
  private static final String COLUMN = "column";
  private static final int LONGEST = 60;

  private AblationRecord() {}

  /**
   * Writes a table. What an earlier call has written of it stays: other rows, and other seeds.
   *
   * @param home of everything
   * @param ablation the table
   * @param pairs runs of each cell and seed
   * @return the name of the table
   */
  static String write(Path home, Ablation ablation, Map<Plan, AblationRuns.Pair> pairs) {
    String name = name(ablation.title());
    Path file = home.resolve("tables").resolve(name + ".json");
    Optional<Map<String, Object>> before =
        Json.readIfExists(file).filter(json -> ablation.title().equals(json.get("title")));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("title", ablation.title());
    json.put("baseline", ablation.baseline());
    List<Object> cells = new ArrayList<>();
    for (Ablation.Row row : ablation.rows()) {
      Map<Long, Object> seeds = new LinkedHashMap<>();
      before.ifPresent(old -> seeds.putAll(seeds(old, row)));
      pairs.forEach(
          (plan, pair) -> {
            if (plan.row().equals(row)) {
              Map<String, Object> seed = new LinkedHashMap<>();
              seed.put(SEED, plan.seed());
              seed.put("network", plan.name());
              seed.put("train", pair.train().id());
              seed.put("eval", pair.eval().id());
              seeds.put(plan.seed(), seed);
            }
          });
      Map<String, Object> cell = new LinkedHashMap<>();
      cell.put(ROW, row.title());
      cell.put(COLUMN, row.column());
      cell.put("network", row.network());
      cell.put("baseline", row.baseline());
      cell.put("published", row.published());
      cell.put(SEEDS, List.copyOf(seeds.values()));
      cells.add(cell);
    }
    json.put(CELLS, cells);
    Json.write(file, json);
    return name;
  }

  private static Map<Long, Object> seeds(Map<String, Object> table, Ablation.Row row) {
    Map<Long, Object> seeds = new LinkedHashMap<>();
    for (Object item : list(table.get(CELLS))) {
      if (item instanceof Map<?, ?> cell
          && row.title().equals(cell.get(ROW))
          && row.column().equals(cell.get(COLUMN))) {
        for (Object seed : list(cell.get(SEEDS))) {
          if (seed instanceof Map<?, ?> map && map.get(SEED) instanceof Number number) {
            seeds.put(number.longValue(), map);
          }
        }
      }
    }
    return seeds;
  }

  private static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  /** A name for a file, from a title. */
  static String name(String title) {
    String name = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    name = name.substring(0, Math.min(LONGEST, name.length())).replaceAll("^-|-$", "");
    return name.isEmpty() ? "table" : name;
  }
}
