package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.bench.ImageScore;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.EvaluationJson;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.base.Spread;

/**
 * Tables of {@code rig ablate}, as {@code HOME/tables/NAME.json} describes them: cells with their
 * runs, and what those have found so far.
 */
final class Tables implements AutoCloseable {
  private static final String FOLDER = "tables";
  private static final String ENDING = ".json";
  private static final int MOST_READ = 400;

  private final Lab lab;
  private final Path folder;
  private final TableDifferences differences = new TableDifferences();

  /** What was read of evaluations that are done, by id and time of their end. */
  private final Map<String, Seed> found =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seed> eldest) {
          return size() > MOST_READ;
        }
      };

  /**
   * @param lab knows the runs
   * @param home that has the tables
   */
  Tables(Lab lab, Path home) {
    this.lab = lab;
    this.folder = home.resolve(FOLDER);
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/tables", Role.VIEWER, this::list),
        Route.of("GET", "/api/v1/tables/{table}", Role.VIEWER, this::table));
  }

  private void list(Call call) throws IOException {
    List<Map<String, Object>> tables = new ArrayList<>();
    for (String name : names()) {
      Map<String, Object> table = new LinkedHashMap<>();
      table.put("name", name);
      table.put("title", title(name));
      tables.add(table);
    }
    call.json(Map.of("tables", tables));
  }

  /** One file that is damaged leaves the other tables in the list. */
  private String title(String name) {
    try {
      return String.valueOf(read(name).get("title"));
    } catch (RigException e) {
      return name + ENDING + " cannot be read";
    }
  }

  private TreeSet<String> names() {
    TreeSet<String> names = new TreeSet<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(file -> file.endsWith(ENDING) && !file.startsWith("."))
            .forEach(file -> names.add(file.substring(0, file.length() - ENDING.length())));
      } catch (IOException e) {
        throw FileFailures.reading(folder, e);
      }
    }
    return names;
  }

  private Map<String, Object> read(String name) {
    return Json.read(folder.resolve(name + ENDING));
  }

  /**
   * A run of a cell and what it has found.
   *
   * @param seed of weights and training
   * @param eval id of the evaluation
   * @param values scores of the last iteration, 0 to 1; empty if it is not done
   * @param images counts of every image; empty if not known
   */
  record Seed(long seed, long eval, Map<String, Double> values, List<ImageScore> images) {}

  private void table(Call call) throws IOException {
    String name = call.path("table");
    if (!names().contains(name)) {
      throw new Refusal(404, "there is no table '" + Call.printable(name) + "'");
    }
    Map<String, Object> table = read(name);
    String baseline = String.valueOf(table.get("baseline"));
    List<Map<String, Object>> cells = new ArrayList<>();
    List<List<Seed>> seeds = new ArrayList<>();
    Map<String, List<Seed>> byNetwork = new LinkedHashMap<>();
    TreeSet<String> metrics = new TreeSet<>();
    for (Map<String, Object> cell : objects(table.get("cells"))) {
      Map<String, Object> shown = new LinkedHashMap<>();
      for (String key : List.of("row", "column", "network", "published")) {
        shown.put(key, cell.get(key));
      }
      // the records of earlier versions have one baseline for all cells
      shown.put("baseline", cell.getOrDefault("baseline", baseline));
      List<Map<String, Object>> runs = new ArrayList<>();
      List<Seed> found = new ArrayList<>();
      for (Map<String, Object> seed : objects(cell.get("seeds"))) {
        found.add(seed(seed, runs));
      }
      shown.put("runs", runs);
      cells.add(shown);
      seeds.add(found);
      metrics.addAll(object(cell.get("published")).keySet());
      byNetwork.put(String.valueOf(cell.get("network")), found);
    }
    if (metrics.isEmpty()) {
      metrics.add("mIoU");
    }
    boolean complete = true;
    for (int i = 0; i < cells.size(); i++) {
      Map<String, Object> summary = new LinkedHashMap<>();
      for (String metric : metrics) {
        List<Seed> base =
            byNetwork.getOrDefault(String.valueOf(cells.get(i).get("baseline")), List.of());
        complete &= summary(metric, seeds.get(i), base, summary);
      }
      cells.get(i).put("summary", summary);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", name);
    answer.put("title", table.get("title"));
    answer.put("baseline", baseline);
    answer.put("metrics", metrics);
    answer.put("complete", complete);
    answer.put("cells", cells);
    call.json(answer);
  }

  /** Adds the mean, its interval and the difference; returns whether the latter is known. */
  private boolean summary(
      String metric, List<Seed> seeds, List<Seed> base, Map<String, Object> into) {
    Spread spread =
        Spread.of(
            seeds.stream().map(seed -> seed.values().getOrDefault(metric, Double.NaN)).toList());
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("n", spread.n());
    values.put("mean", spread.n() == 0 ? null : spread.mean());
    values.put("half", spread.n() < 2 ? null : spread.halfWidth());
    boolean known = true;
    if (seeds != base) {
      TableDifferences.Answer answer = differences.of(metric, seeds, base);
      known = answer.known();
      values.put("difference", answer.difference());
    } else {
      values.put("difference", null);
    }
    into.put(metric, values);
    return known;
  }

  private Seed seed(Map<String, Object> seed, List<Map<String, Object>> runs) {
    long number = number(seed.get("seed"));
    long eval = number(seed.get("eval"));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("seed", number);
    shown.put("train", state(number(seed.get("train"))));
    Map<String, Object> evaluation = state(eval);
    shown.put("eval", evaluation);
    runs.add(shown);
    if (!"done".equals(evaluation.get("state"))
        || lab.files(eval).stream().noneMatch(f -> f.name().equals(EvaluationJson.FILE))) {
      return new Seed(number, eval, Map.of(), List.of());
    }
    String key = number + " " + eval + " " + lab.run(eval).times().ended();
    synchronized (found) {
      return found.computeIfAbsent(key, absent -> read(number, eval));
    }
  }

  private Seed read(long number, long eval) {
    Map<String, Object> json = Json.read(lab.file(eval, EvaluationJson.FILE));
    List<Map<String, Object>> iterations = objects(json.get("iterations"));
    Map<String, Double> values = new LinkedHashMap<>();
    if (!iterations.isEmpty()) {
      object(iterations.get(iterations.size() - 1).get("values"))
          .forEach(
              (metric, value) -> {
                if (value instanceof Number v) {
                  values.put(metric, v.doubleValue());
                }
              });
    }
    List<ImageScore> images = new ArrayList<>();
    for (Map<String, Object> image : objects(json.get("perImage"))) {
      images.add(
          new ImageScore(
              String.valueOf(image.get("id")),
              longs(image.get("correct")),
              longs(image.get("predicted")),
              longs(image.get("labelled"))));
    }
    return new Seed(number, eval, values, images);
  }

  /** The state of a run; null if it was deleted. */
  private Map<String, Object> state(long id) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("id", id);
    try {
      Run run = lab.run(id);
      state.put("state", Names.writtenChoice(run.state()));
      state.put("done", run.progress().done());
      state.put("total", run.progress().total());
    } catch (RigException e) {
      if (e.kind() != RigException.Kind.NOT_FOUND) {
        throw e;
      }
      state.put("state", "deleted");
      state.put("done", 0);
      state.put("total", 0);
    }
    return state;
  }

  private static long number(Object value) {
    return value instanceof Number number ? number.longValue() : 0;
  }

  private static List<Long> longs(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(item -> number(item)).toList()
        : List.of();
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> object.put(String.valueOf(key), item));
    }
    return object;
  }

  private static List<Map<String, Object>> objects(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(item -> object(item)).toList()
        : List.of();
  }

  @Override
  public void close() {
    differences.close();
  }
}
