package org.riglab.runs.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/** A run's files: what the trainer writes, read; what the lab adds, written. */
final class RunFolder {
  private static final String SPEC = "spec.json";
  private static final String END = "end.json";
  private static final String INITIAL = "initial.safetensors";

  private final Path home;
  private final Path path;

  /**
   * @param home of everything
   * @param folder relative to the home, or absolute
   */
  RunFolder(Path home, String folder) {
    this.home = home;
    this.path = home.resolve(folder);
  }

  /**
   * A training as its files tell it.
   *
   * @param folder relative to the home, or absolute where it lies elsewhere
   * @param total steps; 0 if the spec does not say
   * @param started by the clock of the files, in milliseconds
   */
  record Found(
      String folder,
      String network,
      Map<String, Object> networkSpec,
      Map<String, Object> spec,
      long seed,
      String device,
      Map<String, Object> data,
      Map<String, String> parts,
      long total,
      long started) {
    /** As it is described where its device has another name than in its process. */
    Found on(String name) {
      Map<String, Object> named = new LinkedHashMap<>(spec);
      named.replace("device", name);
      return new Found(
          folder, network, networkSpec, named, seed, name, data, parts, total, started);
    }
  }

  Path path() {
    return path;
  }

  /** Makes the next folder of a name, {@code NAME-N}. */
  static RunFolder make(Path home, String parent, String name) {
    Path folder = home.resolve(parent);
    String prefix = name + "-";
    try {
      Files.createDirectories(folder);
      long last;
      try (Stream<Path> entries = Files.list(folder)) {
        last =
            entries
                .map(entry -> entry.getFileName().toString())
                .filter(n -> n.startsWith(prefix))
                .map(n -> n.substring(prefix.length()))
                .filter(n -> n.matches("[1-9]\\d{0,17}"))
                .mapToLong(Long::parseLong)
                .max()
                .orElse(0);
      }
      while (true) {
        String next = prefix + ++last;
        try {
          Files.createDirectory(folder.resolve(next));
          return new RunFolder(home, parent + "/" + next);
        } catch (FileAlreadyExistsException e) {
          continue; // another process was faster
        }
      }
    } catch (IOException e) {
      throw FileFailures.writing(folder, e);
    }
  }

  /** As it is stored. */
  String name() {
    return path.startsWith(home)
        ? home.relativize(path).toString().replace('\\', '/')
        : path.toString();
  }

  boolean started() {
    return Files.exists(path.resolve(SPEC));
  }

  /** The file with the weights that the run started from. */
  Path initial() {
    return path.resolve(INITIAL);
  }

  /** The weights of the last checkpoint, or of the best one; empty if there is none. */
  Optional<Path> checkpoint() {
    Map<String, Object> named = json("checkpoints.json");
    return Stream.of("last", "best")
        .filter(named::containsKey)
        .map(name -> path.resolve("" + named.get(name)).resolve("weights.safetensors"))
        .filter(Files::exists)
        .map(file -> within(path, file))
        .findFirst();
  }

  /** A second name for a file that is replaced, never changed. */
  static void link(Path file, Path name) {
    try {
      Files.deleteIfExists(name);
      try {
        Files.createLink(name, file);
      } catch (IOException | UnsupportedOperationException e) {
        Files.copy(file, name, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw FileFailures.writing(name, e);
    }
  }

  /** Reads what a training wrote at its start; call only if it has {@link #started}. */
  Found read() {
    Map<String, Object> spec = json(SPEC);
    if (!(spec.get("network") instanceof String network)) {
      throw new RigException(
          path.resolve(SPEC) + " is not the folder of a training: it names no network");
    }
    List<Map<String, String>> phases = phases();
    try {
      return new Found(
          name(),
          network,
          json("network.json"),
          spec,
          spec.get("seed") instanceof Number seed ? seed.longValue() : 0,
          spec.get("device") instanceof String device ? device : "auto",
          json("data.json"),
          phases.isEmpty() ? Map.of() : phases.get(phases.size() - 1),
          spec.get("steps") instanceof Number steps ? steps.longValue() : 0,
          Files.getLastModifiedTime(path.resolve(SPEC)).toMillis());
    } catch (IOException e) {
      throw FileFailures.reading(path, e);
    }
  }

  /** The parts of a training, from the first ones to the last, as {@code Run.parts} has them. */
  List<Map<String, String>> phases() {
    List<Map<String, String>> phases = new ArrayList<>();
    for (Object phase : json("parts.json").values()) {
      Map<String, String> parts = new LinkedHashMap<>();
      if (phase instanceof Map<?, ?> rows) {
        rows.forEach(
            (part, row) -> {
              if (row instanceof Map<?, ?> r) {
                parts.put(
                    "" + part,
                    "%s %s %s".formatted(r.get("bundle"), r.get("version"), r.get("sha256")));
              }
            });
      }
      phases.add(parts);
    }
    return phases;
  }

  /** A number that changes while the training runs and when it ends. */
  long logged() {
    return path.resolve("steps.jsonl").toFile().length()
        + path.resolve("evaluations.jsonl").toFile().length()
        + path.resolve(END).toFile().length()
        + path.resolve("checkpoints.json").toFile().lastModified();
  }

  /**
   * How a training ended.
   *
   * @param word of the trainer; empty if it continues or can be continued
   * @param failure of a training that failed; its kind is that of a part where an older version
   *     wrote none
   * @param millis when, by the clock of the files; 0 if it has not ended
   */
  record End(String word, RunFailure failure, long millis) {
    boolean failed() {
      return word.equals("FAILED");
    }

    boolean done() {
      return !word.isEmpty() && !failed();
    }
  }

  /** How the training ended. */
  End end() {
    Map<String, Object> end = json(END);
    return new End(
        text(end, "end"),
        RunFailure.of(text(end, "kind"), text(end, "error")),
        path.resolve(END).toFile().lastModified());
  }

  private static String text(Map<String, Object> json, String name) {
    return json.get(name) instanceof String text ? text : "";
  }

  /** Seconds of all steps up to the last checkpoint; 0 without one. */
  double seconds() {
    return json("checkpoints.json").get("last") instanceof String last
            && last.matches("step-\\d+")
            && json(last + "/state.json").get("seconds") instanceof Number seconds
        ? seconds.doubleValue()
        : 0;
  }

  /**
   * What it logged; a last line without its end was cut off by a crash.
   *
   * @param afterStep steps after this one
   * @param afterEvaluation evaluations after this step
   */
  List<Point> points(long afterStep, long afterEvaluation) {
    List<Point> points = new ArrayList<>();
    lines(
        "steps.jsonl",
        afterStep,
        (step, line) -> {
          points.add(new Point("loss", step, number(line.get("loss"))));
          points.add(new Point("lr", step, number(line.get("lr"))));
        });
    lines(
        "evaluations.jsonl",
        afterEvaluation,
        (step, line) -> {
          if (line.get("miou") instanceof List<?> values) {
            for (int t = 0; t < values.size(); t++) {
              points.add(new Point("mIoU.t" + (t + 1), step, number(values.get(t))));
            }
          }
        });
    return points;
  }

  private static double number(Object value) {
    return value instanceof Number n ? n.doubleValue() : Double.NaN;
  }

  private void lines(String name, long after, BiConsumer<Long, Map<String, Object>> each) {
    Path file = path.resolve(name);
    if (!Files.exists(file)) {
      return;
    }
    try {
      LogTail.read(within(path, file), after)
          .forEach(line -> each.accept(LogTail.step(line), line));
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    } catch (RuntimeException e) {
      throw new RigException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  void write(String name, Map<String, Object> json) {
    Json.write(path.resolve(name), json);
  }

  private Map<String, Object> json(String name) {
    return Json.readIfExists(within(path, path.resolve(name))).orElse(Map.of());
  }

  Map<String, Object> spec() {
    return json(SPEC);
  }

  Map<String, Object> networkSpec() {
    return json("network.json");
  }

  /**
   * @param folder of a run, or one inside it
   * @param file of it, by a name that a file of the run may have given
   * @return the file
   * @throws RigException NOT_FOUND if it is reached by a link or a name that leads out
   */
  static Path within(Path folder, Path file) {
    try {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          || file.toRealPath().startsWith(folder.toRealPath())) {
        return file;
      }
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
    throw new RigException(
        RigException.Kind.NOT_FOUND,
        file
            + " points outside of the folder of its run and is not read; replace the link by the"
            + " file");
  }

  /** Regular files, links not followed. */
  List<Lab.RunFile> files() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(path)) {
      List<Lab.RunFile> files = new ArrayList<>();
      for (Path file :
          tree.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)).toList()) {
        files.add(
            new Lab.RunFile(path.relativize(file).toString().replace('\\', '/'), Files.size(file)));
      }
      files.sort(java.util.Comparator.comparing(Lab.RunFile::name));
      return files;
    } catch (IOException e) {
      throw FileFailures.reading(path, e);
    } catch (UncheckedIOException e) {
      throw FileFailures.reading(path, e.getCause());
    }
  }

  /**
   * @param name as {@link #files} gives it; anything else, however it is written, is refused
   * @return where it is
   */
  Path file(String name) {
    try {
      Path file = path.resolve(name).normalize();
      if (file.startsWith(path)
          && !file.equals(path)
          && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && file.toRealPath().startsWith(path.toRealPath())) {
        return file;
      }
    } catch (java.nio.file.InvalidPathException | IOException e) {
      throw noFile(name, e);
    }
    throw noFile(name, null);
  }

  private RigException noFile(String name, Exception cause) {
    return new RigException(
        RigException.Kind.NOT_FOUND,
        "there is no file '%s' in %s".formatted(name.strip().replaceAll("\\p{Cntrl}", "?"), name()),
        cause);
  }
}
