package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** Runs, their curves and files, and the queue. */
final class RunRoutes {
  private static final int MOST_LISTED = 1000;
  private static final int MOST_POINTS = 20_000;
  private static final int MOST_METRICS = 64;
  private static final int MOST_COMPARED = 16;
  private static final long MOST_FILE_BYTES = 1L << 30;

  private final Lab lab;
  private final Roots roots;

  /**
   * @param lab knows the runs
   * @param roots where files may lie
   */
  RunRoutes(Lab lab, Roots roots) {
    this.lab = lab;
    this.roots = roots;
  }

  List<Route> routes() {
    return List.of(
        Route.of(
            "GET",
            "/api/v1/runs",
            Role.VIEWER,
            this::list,
            "state",
            "kind",
            "text",
            "sweep",
            "where",
            "sort",
            "offset",
            "limit",
            "columns"),
        Route.of("POST", "/api/v1/runs", Role.OPERATOR, this::submit),
        Route.of("GET", "/api/v1/columns", Role.VIEWER, this::columns),
        Route.of("GET", "/api/v1/runs/{run}", Role.VIEWER, call -> call.json(run(call))),
        Route.of("GET", "/api/v1/runs/{run}/metrics", Role.VIEWER, this::metrics),
        Route.of("GET", "/api/v1/runs/{run}/curves", Role.VIEWER, this::curves, "metric", "points"),
        Route.of("GET", "/api/v1/runs/{run}/events", Role.VIEWER, this::eventsOf, "limit"),
        Route.of("GET", "/api/v1/runs/{run}/files", Role.VIEWER, this::files),
        Route.of("GET", "/api/v1/runs/{run}/file", Role.VIEWER, this::file, "name"),
        change("pause", lab::pause),
        change("resume", lab::resume),
        change("cancel", lab::cancel),
        change("retry", lab::retry),
        change("replay", lab::replay),
        Route.of("PUT", "/api/v1/runs/{run}/priority", Role.OPERATOR, this::prioritise),
        Route.of("GET", "/api/v1/queue", Role.VIEWER, call -> queue(call, queued())),
        Route.of("PUT", "/api/v1/queue/{run}", Role.OPERATOR, this::reorder),
        Route.of("GET", "/api/v1/compare", Role.VIEWER, this::compare, "runs"),
        Route.of("GET", "/api/v1/events", Role.VIEWER, this::events, "after", "limit"));
  }

  private Route change(String verb, LongFunction<Run> change) {
    return Route.of(
            "POST",
            "/api/v1/runs/{run}/" + verb,
            Role.OPERATOR,
            call -> {
              long id = run(call).id();
              call.json(change.apply(id));
            })
        .bodies(0);
  }

  private Run run(Call call) {
    long id = call.number("run");
    return lab.run(id);
  }

  private void list(Call call) throws IOException {
    List<String> columns = call.words("columns");
    List<String> shown = columns.isEmpty() ? Columns.USUAL : columns;
    Lab.Page page =
        lab.list(
            new Lab.Query(
                constants(Run.State.class, "state", call),
                constants(Run.Kind.class, "kind", call),
                call.text("text", ""),
                call.integer("sweep", 0, Integer.MAX_VALUE, 0),
                call.integer("offset", 0, Integer.MAX_VALUE, 0),
                call.integer("limit", 1, MOST_LISTED, 200),
                call.text("where", ""),
                call.words("sort")));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("total", page.total());
    answer.put("runs", page.runs().stream().map(run -> Columns.row(run, shown)).toList());
    call.json(answer);
  }

  private static <E extends Enum<E>> Set<E> constants(Class<E> type, String name, Call call) {
    Set<E> constants = EnumSet.noneOf(type);
    for (String word : call.words(name)) {
      try {
        constants.add(Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_')));
      } catch (IllegalArgumentException e) {
        throw new Refusal(
            400,
            "there is no " + name + " '" + Call.printable(word) + "'; there are " + words(type));
      }
    }
    return constants;
  }

  private static <E extends Enum<E>> String words(Class<E> type) {
    return String.join(
        ", ", EnumSet.allOf(type).stream().map(constant -> Names.writtenChoice(constant)).toList());
  }

  private void columns(Call call) throws IOException {
    call.json(
        Map.of(
            "columns",
            Columns.of(lab.list(new Lab.Query(Set.of(), Set.of(), "", 0, 0, 200)).runs())));
  }

  private void submit(Call call) throws IOException {
    BodyFields fields =
        new BodyFields(
            call.body(
                "kind",
                "name",
                "network",
                "spec",
                "options",
                "grid",
                "seeds",
                "priority",
                "after"));
    String kind = fields.text("kind");
    Run.Kind what;
    try {
      what = Run.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "kind is not one of " + words(Run.Kind.class));
    }
    Request request =
        new Request(
            what,
            fields.text("name", ""),
            fields.text("network", ""),
            fields.object("spec"),
            fields.object("options"),
            fields.lists("grid"),
            fields.wholes("seeds"),
            (int) Math.max(-1000, Math.min(1000, fields.whole("priority", 0))),
            fields.wholes("after"));
    roots.check(request.spec());
    roots.check(request.options());
    roots.check(request.grid());
    List<Run> runs = lab.submit(request);
    call.json(201, Map.of("runs", runs));
  }

  private void metrics(Call call) throws IOException {
    call.json(Map.of("metrics", lab.metrics(run(call).id())));
  }

  private void curves(Call call) throws IOException {
    Run run = run(call);
    int points = call.integer("points", 1, MOST_POINTS, 1000);
    List<String> metrics = call.words("metric");
    if (metrics.isEmpty() || metrics.size() > MOST_METRICS) {
      throw new Refusal(400, "metric names 1 to " + MOST_METRICS + " metrics, with commas between");
    }
    List<Object> curves = new ArrayList<>();
    for (String metric : metrics) {
      curves.add(columns(lab.curve(run.id(), metric, points), run.metrics().get(metric)));
    }
    call.json(Map.of("run", run.id(), "curves", curves));
  }

  /** A curve by columns: a third of the size. */
  private static Map<String, Object> columns(Curve curve, Double last) {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put("metric", curve.metric());
    columns.put("total", curve.total());
    columns.put("last", last);
    columns.put("step", curve.points().stream().map(Curve.Bucket::step).toList());
    columns.put("mean", curve.points().stream().map(Curve.Bucket::mean).toList());
    columns.put("low", curve.points().stream().map(Curve.Bucket::low).toList());
    columns.put("high", curve.points().stream().map(Curve.Bucket::high).toList());
    return columns;
  }

  private void eventsOf(Call call) throws IOException {
    call.json(
        Map.of("events", lab.eventsOf(run(call).id(), call.integer("limit", 1, MOST_LISTED, 100))));
  }

  private void events(Call call) throws IOException {
    String after = call.text("after", "0");
    if (!after.matches("[0-9]{1,18}")) {
      throw new Refusal(400, "after is not a sequence number");
    }
    call.json(
        Map.of(
            "events",
            lab.events(Long.parseLong(after), call.integer("limit", 1, MOST_LISTED, 100))));
  }

  private void files(Call call) throws IOException {
    call.json(Map.of("files", lab.files(run(call).id())));
  }

  private void file(Call call) throws IOException {
    long id = run(call).id();
    String name = call.text("name", "");
    Refusal none = new Refusal(404, "there is no such file in the run's folder");
    // Only names in the list are accepted, so that no path is resolved outside the folder.
    if (lab.files(id).stream().noneMatch(file -> file.name().equals(name))) {
      throw none;
    }
    Path file = lab.file(id, name);
    if (!roots.contain(file) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw none;
    }
    long size = Files.size(file);
    if (size > MOST_FILE_BYTES) {
      throw new Refusal(413, "the file has more than " + MOST_FILE_BYTES + " bytes");
    }
    String last = name.substring(name.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
    call.response().setContentType("application/octet-stream");
    call.response().setHeader("Content-Disposition", "attachment; filename=\"" + last + "\"");
    if (call.request().getMethod().equals("HEAD")) {
      call.response().setContentLengthLong(size);
      return;
    }
    Download.send(call, Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), size);
  }

  private void prioritise(Call call) throws IOException {
    long id = run(call).id();
    int priority = new BodyFields(call.body("priority")).integer("priority", -1000, 1000);
    call.json(lab.prioritise(id, priority));
  }

  private List<Run> queued() {
    return lab.list(Lab.Query.of(Run.State.QUEUED)).runs();
  }

  private void queue(Call call, List<Run> queued) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("running", rows(lab.list(Lab.Query.of(Run.State.RUNNING)).runs()));
    answer.put("queued", rows(queued));
    // Paused runs are part of the queue, since others may depend on them.
    answer.put("paused", rows(lab.list(Lab.Query.of(Run.State.PAUSED)).runs()));
    answer.put("workers", lab.health().workers());
    call.json(answer);
  }

  private static List<Map<String, Object>> rows(List<Run> runs) {
    List<String> columns = new ArrayList<>(Columns.USUAL);
    columns.addAll(List.of("priority", "after", "device"));
    return runs.stream().map(run -> Columns.row(run, columns)).toList();
  }

  private void reorder(Call call) throws IOException {
    long id = run(call).id();
    long before = new BodyFields(call.body("before")).whole("before", 0);
    queue(call, lab.reorder(id, before));
  }

  private void compare(Call call) throws IOException {
    List<Run> runs = new ArrayList<>();
    for (String word : call.words("runs")) {
      if (!word.matches("[0-9]{1,18}")) {
        throw new Refusal(400, "runs are not numbers with commas between");
      }
      runs.add(lab.run(Long.parseLong(word)));
      if (runs.size() > MOST_COMPARED) {
        break;
      }
    }
    if (runs.size() < 2 || runs.size() > MOST_COMPARED) {
      throw new Refusal(400, "runs names 2 to " + MOST_COMPARED + " runs, with commas between");
    }
    call.json(Differences.of(runs));
  }
}
