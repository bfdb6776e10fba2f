package org.riglab.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.base.PairedBootstrap;
import org.riglab.shell.internal.AblationCells.Cell;
import org.riglab.shell.internal.AblationCells.Seed;

/** A table as JSON: an object per cell and seed. */
final class AblationJson {
  private AblationJson() {}

  static List<Map<String, Object>> of(List<Cell> cells, AblationTable table) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Cell cell : cells) {
      Map<String, Object> summary = summary(cell, table);
      for (Seed seed : cell.seeds()) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("row", cell.row().title());
        object.put("column", cell.row().column());
        object.put("seed", seed.seed());
        object.put("network", seed.network());
        object.put("spec", seed.spec());
        object.put("parameters", seed.parameters());
        object.put("published", cell.row().published());
        object.put("scores", seed.iterations());
        object.put("summary", summary);
        object.put("firstLoss", seed.firstLoss());
        object.put("lastLoss", seed.lastLoss());
        list.add(object);
      }
    }
    return list;
  }

  private static Map<String, Object> summary(Cell cell, AblationTable table) {
    Map<String, Object> summary = new LinkedHashMap<>();
    for (String metric : table.metrics()) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("spread", cell.spread(metric));
      PairedBootstrap.Difference difference =
          AblationCells.difference(cell, table.baseline(cell), metric);
      if (difference != null) {
        values.put("difference", difference);
      }
      summary.put(metric, values);
    }
    return summary;
  }
}
