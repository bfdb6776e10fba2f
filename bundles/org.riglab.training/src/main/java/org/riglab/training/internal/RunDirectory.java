package org.riglab.training.internal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.base.Names;
import org.riglab.networks.NetworkIdentity;

/**
 * A run's directory {@code runs/NETWORK-N}: what was asked for, on which network, data and parts,
 * what came of every step, and checkpoints. A directory with a spec is complete.
 *
 * @param path the directory
 */
record RunDirectory(Path path) {
  /** What tells the loss from others, among what identifies the data. */
  static final String LOSS = "loss";

  /** What 0.1 wrote for the same. */
  private static final String SUPERCLASSES = "superclasses";

  private static final String SPEC = "spec.json";
  private static final String NETWORK = "network.json";
  private static final String DATA = "data.json";
  private static final String PARTS = "parts.json";
  private static final String CHANGES = "changes.json";
  private static final String END = "end.json";
  private static final String FAILED = "FAILED";
  private static final String INITIAL = "initial.safetensors";

  /**
   * Fills the directory of a new run.
   *
   * @param spec of the training
   * @param network the network's spec as JSON
   * @param weights the network's file, whose weights the run starts from
   * @param data what identifies the data
   * @param parts in use
   * @param identity of the network, see {@link NetworkIdentity}
   */
  void start(
      TrainSpec spec,
      String network,
      Path weights,
      Map<String, ?> data,
      List<PartInfo> parts,
      String identity) {
    link(weights);
    AtomicFile.writeText(path.resolve(NETWORK), network);
    Json.write(path.resolve(DATA), data);
    addParts(0, parts);
    if (!identity.isEmpty()) {
      AtomicFile.writeText(path.resolve(NetworkIdentity.FILE), identity + "\n");
    }
    Json.write(path.resolve(SPEC), Plans.json(spec));
  }

  /** The identity of the network that it trains; empty if that has none. */
  String identity() {
    return NetworkIdentity.of(path);
  }

  /**
   * Notes that the run continues with other options, or continues although it was finished.
   *
   * @param how it continues
   * @param step steps done
   */
  void resume(Resumption how, long step) {
    if (!how.changes().isEmpty()) {
      Path file = path.resolve(CHANGES);
      Map<String, Object> all = new LinkedHashMap<>(Json.readIfExists(file).orElse(Map.of()));
      all.put("after step " + step, how.changes());
      Json.write(file, all);
      Json.write(path.resolve(SPEC), Plans.json(how.spec()));
    }
    if (!end().isEmpty()) {
      try {
        Files.delete(path.resolve(END));
      } catch (IOException e) {
        throw FileFailures.writing(path.resolve(END), e);
      }
    }
  }

  /**
   * @return whether there is a run in the directory
   */
  boolean started() {
    return Files.exists(path.resolve(SPEC));
  }

  /** A network's file is replaced, never changed: a second name keeps what it was, at no cost. */
  private void link(Path weights) {
    if (!Files.exists(weights)) {
      return;
    }
    Path initial = path.resolve(INITIAL);
    try {
      Files.createDirectories(path);
      Files.deleteIfExists(initial);
      try {
        Files.createLink(initial, weights);
      } catch (UnsupportedOperationException | FileSystemException e) {
        Files.copy(weights, initial);
      }
    } catch (IOException e) {
      throw FileFailures.writing(initial, e);
    }
  }

  /**
   * Makes the next run's directory.
   *
   * @param runs the home's {@code runs}
   * @param network name of the network
   * @return the directory, empty
   */
  static RunDirectory make(Path runs, String network) {
    try {
      Files.createDirectories(runs);
      for (long n = numbers(runs, network).max().orElse(0) + 1; ; n++) {
        try {
          return new RunDirectory(Files.createDirectory(runs.resolve(network + "-" + n)));
        } catch (FileAlreadyExistsException e) {
          // Another process was faster: the next number.
          continue;
        }
      }
    } catch (IOException e) {
      throw FileFailures.writing(runs, e);
    }
  }

  /**
   * @param runs the home's {@code runs}
   * @param network name of a network
   * @param identity of the network: runs of others that had its name do not count
   * @return its last run; empty if there is none
   */
  static Optional<RunDirectory> last(Path runs, String network, String identity) {
    OptionalLong last =
        numbers(runs, network)
            .filter(
                n -> {
                  RunDirectory run = new RunDirectory(runs.resolve(network + "-" + n));
                  return run.started() && run.identity().equals(identity);
                })
            .max();
    return last.isPresent()
        ? Optional.of(new RunDirectory(runs.resolve(network + "-" + last.getAsLong())))
        : Optional.empty();
  }

  private static LongStream numbers(Path runs, String network) {
    if (!Files.isDirectory(runs)) {
      return LongStream.empty();
    }
    try (Stream<Path> entries = Files.list(runs)) {
      String prefix = network + "-";
      return LongStream.of(
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> name.startsWith(prefix))
              .map(name -> name.substring(prefix.length()))
              .filter(number -> number.matches("[1-9]\\d{0,17}"))
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (IOException e) {
      throw FileFailures.reading(runs, e);
    }
  }

  String name() {
    return path.getFileName().toString();
  }

  TrainSpec spec() {
    Path file = path.resolve(SPEC);
    return Plans.read(file, Json.read(file));
  }

  /** The network's spec, as {@link org.riglab.api.bench.Networks#spec} reads it. */
  Map<String, Object> network() {
    return Json.read(path.resolve(NETWORK));
  }

  /** What identifies data and loss. */
  Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>(Json.read(path.resolve(DATA)));
    if (data.remove(SUPERCLASSES) instanceof List<?> superclasses) {
      data.put(LOSS, superclasses.toString());
    }
    return data;
  }

  Checkpoints checkpoints() {
    return checkpoints(0);
  }

  /** With {@link TrainSpec.Budget#keepEvery}, for whoever writes. */
  Checkpoints checkpoints(long keepEvery) {
    return new Checkpoints(path, keepEvery);
  }

  Path stepLog() {
    return path.resolve("steps.jsonl");
  }

  Path evaluationLog() {
    return path.resolve("evaluations.jsonl");
  }

  /**
   * Notes which parts compute from now on.
   *
   * @param step steps done before
   * @param parts in use
   */
  void addParts(long step, List<PartInfo> parts) {
    Path file = path.resolve(PARTS);
    Map<String, Object> all =
        Files.exists(file) ? new LinkedHashMap<>(Json.read(file)) : new LinkedHashMap<>();
    Map<String, Object> rows = new LinkedHashMap<>();
    for (PartInfo part : parts) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("bundle", part.bundle());
      row.put("version", part.version());
      row.put("sha256", part.sha256());
      rows.put(part.kind() + " " + part.name(), row);
    }
    if (all.isEmpty() || !List.copyOf(all.values()).get(all.size() - 1).equals(rows)) {
      all.put("after step " + step, rows);
      Json.write(file, all);
    }
  }

  /**
   * Notes that the run is over: there is nothing to resume.
   *
   * @param end FINISHED or EARLY
   */
  void finish(Training.End end) {
    Json.write(path.resolve(END), Map.of("end", end.name()));
  }

  /**
   * Notes that the run has failed; it can be resumed nevertheless.
   *
   * @param failure what happened; gets what cannot be written as suppressed
   */
  void fail(Throwable failure) {
    String message =
        failure instanceof RigException ? String.valueOf(failure.getMessage()) : failure.toString();
    String line = message.lines().findFirst().orElse("");
    try {
      Json.write(path.resolve(END), Map.of("end", FAILED, "kind", kind(failure), "error", line));
    } catch (RigException e) {
      failure.addSuppressed(e);
    }
  }

  /** Empty for a failure that has none. */
  private static String kind(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RigException known) {
        return Names.writtenChoice(known.kind());
      }
    }
    return "";
  }

  private String end() {
    return Json.readIfExists(path.resolve(END)).map(json -> "" + json.get("end")).orElse("");
  }

  /**
   * @return how the run ended; empty if it can be resumed
   */
  Optional<Training.End> finished() {
    String end = end();
    return end.isEmpty() || end.equals(FAILED)
        ? Optional.empty()
        : Optional.of(Training.End.valueOf(end));
  }

  /** Deletes a directory with everything in it. */
  static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
