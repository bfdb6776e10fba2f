package org.riglab.web.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/** Runs with the fields in which their configurations differ. */
final class Sweeps {
  private static final int MOST = 1000;
  private static final String ANSWER = "mIoU";

  /** What differs between repetitions of one configuration. */
  private static final Set<String> REPETITION =
      Set.of("seed", "network.seed", "network", "device", "name");

  private final Lab lab;

  /**
   * @param lab knows the runs
   */
  Sweeps(Lab lab) {
    this.lab = lab;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/sweep", Role.VIEWER, this::sweep, "sweep", "where", "text"));
  }

  private void sweep(Call call) throws IOException {
    List<Run> found =
        lab.list(
                new Lab.Query(
                    Set.of(),
                    Set.of(),
                    call.text("text", ""),
                    call.integer("sweep", 0, Integer.MAX_VALUE, 0),
                    0,
                    MOST,
                    call.text("where", ""),
                    List.of("id")))
            .runs();
    // The score of an evaluation is no repetition of a training's.
    List<Run> trained = found.stream().filter(run -> run.kind() == Run.Kind.TRAIN).toList();
    List<Run> runs = trained.isEmpty() ? found : trained;
    List<Map<String, Object>> fields = runs.stream().map(Differences::fields).toList();
    TreeSet<String> names = new TreeSet<>();
    fields.forEach(of -> names.addAll(of.keySet()));
    names.removeAll(REPETITION);
    names.removeIf(name -> fields.stream().map(of -> of.get(name)).distinct().count() <= 1);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      rows.add(row(runs.get(i), fields.get(i), names));
    }
    call.json(
        Map.of(
            "parameters", names, "runs", rows, "evaluationsLeftOut", found.size() - runs.size()));
  }

  private static Map<String, Object> row(
      Run run, Map<String, Object> fields, TreeSet<String> names) {
    Map<String, Object> config = new LinkedHashMap<>();
    names.forEach(name -> config.put(name, fields.get(name)));
    Map<String, Object> metrics = new LinkedHashMap<>(run.metrics());
    Object answer = Columns.row(run, List.of(ANSWER)).get(ANSWER);
    if (answer != null) {
      metrics.put(ANSWER, answer);
    }
    Map<String, Object> row = Columns.row(run, List.of("id", "name", "state", "seed"));
    row.put("config", config);
    row.put("metrics", metrics);
    return row;
  }
}
