package org.riglab.runs.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;

/**
 * What a server and the job of a cluster tell each other in a run's folder: {@code job.json} says
 * what to do, {@code job-state.json} how it stands, {@code job-points.jsonl} has every line and
 * point, and {@code cluster.json} the job's id. The first and the last are the server's, the others
 * the job's.
 */
final class JobFiles {
  private static final int MOST = 1 << 20; // bytes that are read at once

  private final Path folder;

  JobFiles(Path folder) {
    this.folder = folder;
  }

  private Path task() {
    return folder.resolve("job.json");
  }

  private Path state() {
    return folder.resolve("job-state.json");
  }

  private Path points() {
    return folder.resolve("job-points.jsonl");
  }

  private Path ticket() {
    return folder.resolve("cluster.json");
  }

  // The server's

  /** Says what to do; what an earlier job left behind is forgotten, but for its points. */
  void order(Job job) {
    Run run = job.run();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", run.id());
    json.put("name", run.name());
    json.put("kind", run.kind().name());
    json.put("network", run.network());
    json.put("own", job.own());
    json.put("weights", job.weights());
    json.put("network_spec", run.networkSpec());
    json.put("options", Placement.withoutCluster(job.options()));
    json.put("seed", run.seed());
    json.put("done", run.progress().done());
    json.put("seconds", run.times().seconds());
    Json.write(task(), json);
    try {
      Files.deleteIfExists(state());
    } catch (IOException e) {
      throw FileFailures.writing(state(), e);
    }
  }

  /** Notes the job that executes the run; empty for none. */
  void ticket(String cluster, String job) {
    Json.write(ticket(), Map.of("cluster", cluster, "job", job));
  }

  /** The job that executes the run. */
  Optional<String> ticket(String cluster) {
    Map<String, Object> json = Json.readIfExists(ticket()).orElse(Map.of());
    return cluster.equals(json.get("cluster"))
        ? Optional.of(String.valueOf(json.get("job"))).filter(job -> !job.isEmpty())
        : Optional.empty();
  }

  /**
   * What a job has said.
   *
   * @param read the position after it
   */
  record Said(List<String> lines, List<Report> reports, long read) {}

  /**
   * @param run its id in the server's store
   * @param from a position
   */
  Said said(long run, long from) {
    List<String> lines = new ArrayList<>();
    List<Report> reports = new ArrayList<>();
    if (!Files.exists(points())) {
      return new Said(lines, reports, from);
    }
    try (RandomAccessFile file = new RandomAccessFile(points().toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(MOST, Math.max(0, file.length() - from))];
      file.seek(from);
      file.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--; // the rest of the last line is still to come
      }
      for (String line : new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList()) {
        Map<String, Object> json = Json.parse(line, points().toString());
        if (json.get("line") instanceof String said) {
          lines.add(said);
        } else {
          json.put("run", run);
          reports.add(Report.of(json));
        }
      }
      return new Said(lines, reports, from + end);
    } catch (IOException e) {
      throw FileFailures.reading(points(), e);
    }
  }

  /** The steps that were done before the job. */
  long before() {
    return Vitals.number(Json.read(task()), "done").longValue();
  }

  /** Where the next job begins to write. */
  long length() {
    return points().toFile().length();
  }

  /** How the job stands, as {@link #state(Run)} has written it; empty if it has not begun. */
  Map<String, Object> stands() {
    return Json.readIfExists(state()).orElse(Map.of());
  }

  // The job's

  /** What to do. A line that an earlier job did not end is removed. */
  Map<String, Object> begin() {
    Map<String, Object> json = Json.read(task());
    if (Files.exists(points())) {
      try (RandomAccessFile file = new RandomAccessFile(points().toFile(), "rw")) {
        long end = file.length();
        while (end > 0 && !endsLine(file, end)) {
          end--;
        }
        file.setLength(end);
      } catch (IOException e) {
        throw FileFailures.writing(points(), e);
      }
    }
    return json;
  }

  private static boolean endsLine(RandomAccessFile file, long end) throws IOException {
    file.seek(end - 1);
    return file.read() == '\n';
  }

  /** Writes how the job stands. */
  void state(Run run) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("state", run.state().name());
    json.put("error", run.error());
    run.failure().ifPresent(kind -> json.put("failure", Names.writtenChoice(kind)));
    json.put("seconds", run.times().seconds());
    json.put("spec", run.spec());
    json.put("network_spec", run.networkSpec());
    json.put("data", run.data());
    json.put("parts", run.parts());
    Json.write(state(), json);
  }

  /** Appends points. */
  void say(Run.Progress progress, List<Point> points) {
    append(Json.line(Report.body(0, progress, points)));
  }

  /** Appends a line for people. */
  void say(String line) {
    append(Json.line(Map.of("line", line)));
  }

  private synchronized void append(String line) {
    try {
      Files.writeString(
          points(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw FileFailures.writing(points(), e);
    }
  }

  /** An object within one of the files; empty if there is none. */
  static Map<String, Object> object(Map<String, Object> json, String key) {
    Map<String, Object> copy = new LinkedHashMap<>();
    if (json.get(key) instanceof Map<?, ?> map) {
      map.forEach((name, value) -> copy.put(String.valueOf(name), value));
    }
    return copy;
  }
}
