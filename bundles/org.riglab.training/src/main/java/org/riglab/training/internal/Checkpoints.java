package org.riglab.training.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;
import org.riglab.networks.inference.Halting;
import org.riglab.tensors.FiniteTensors;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/**
 * A run's checkpoints, last and best. Each is a directory {@code step-N} with weights, optimizer
 * state and counters, complete before it gets its name; {@code checkpoints.json} says which is
 * which and is replaced in one step. Whatever no name in it points to is a leftover of a crash.
 *
 * @param run the run's directory
 * @param keepEvery checkpoints after so many steps stay; 0 for none but last and best
 */
record Checkpoints(Path run, long keepEvery) {
  private static final String POINTERS = "checkpoints.json";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String TRAINED = "trained.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";
  private static final String PREFIX = "step-";
  private static final String UNFINISHED = ".writing-";

  /**
   * The counters of a run. Everything random in step n is drawn from the spec's seed and n, so that
   * these two are the random state.
   *
   * @param step steps done
   * @param best value of the monitored score so far; NaN if there was none
   * @param bestMIoU of the evaluation with that value
   * @param bestStep when that was; 0 if there was none
   * @param bestMetrics all scores of that evaluation; empty if there was none, or where a state of
   *     Riglab 0.1 is read
   * @param withoutBetter evaluations since then
   * @param pending whether the evaluation after this step is still to come: a stop cut it off
   * @param seconds of all steps
   * @param warmSeconds of all steps but the first few of each process
   * @param waitedSeconds of those, spent waiting for data
   */
  record State(
      long step,
      double best,
      double bestMIoU,
      long bestStep,
      Map<String, Double> bestMetrics,
      int withoutBetter,
      boolean pending,
      double seconds,
      double warmSeconds,
      double waitedSeconds) {
    static final State START = new State(0, Double.NaN, Double.NaN, 0, Map.of(), 0, false, 0, 0, 0);

    /** Whether the best evaluation was that of an earlier step. */
    boolean hasBetter() {
      return bestStep > 0 && bestStep < step;
    }

    /** After a step. */
    State stepped(boolean evaluationPending, double stepSeconds, boolean warm, double waited) {
      return new State(
          step + 1,
          best,
          bestMIoU,
          bestStep,
          bestMetrics,
          withoutBetter,
          evaluationPending,
          seconds + stepSeconds,
          warmSeconds + (warm ? stepSeconds : 0),
          waitedSeconds + (warm ? waited : 0));
    }

    /**
     * After an evaluation.
     *
     * @param value that decides
     * @param mIoU of the last iteration
     * @param metrics all scores of the last iteration
     * @param monitor compares values
     */
    State evaluated(double value, double mIoU, Map<String, Double> metrics, Monitor monitor) {
      boolean better = monitor.better(value, best);
      return new State(
          step,
          better ? value : best,
          better ? mIoU : bestMIoU,
          better ? step : bestStep,
          better ? metrics : bestMetrics,
          better ? 0 : withoutBetter + 1,
          false,
          seconds,
          warmSeconds,
          waitedSeconds);
    }

    private Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("step", step);
      json.put("best", best);
      json.put("best_miou", bestMIoU);
      json.put("best_step", bestStep);
      json.put("best_metrics", bestMetrics);
      json.put("without_better", withoutBetter);
      json.put("pending", pending);
      json.put("seconds", seconds);
      json.put("warm_seconds", warmSeconds);
      json.put("waited_seconds", waitedSeconds);
      return json;
    }

    private static Map<String, Double> metrics(Object value) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      if (value instanceof Map<?, ?> written) {
        written.forEach((name, number) -> metrics.put((String) name, real(number)));
      }
      return metrics;
    }

    private static double real(Object value) {
      return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private static State of(Map<String, Object> json) {
      return new State(
          ((Number) json.get("step")).longValue(),
          // Riglab 0.1 knew the mIoU only.
          real(json.getOrDefault("best", json.get("best_miou"))),
          real(json.get("best_miou")),
          ((Number) json.get("best_step")).longValue(),
          metrics(json.get("best_metrics")),
          ((Number) json.get("without_better")).intValue(),
          Boolean.TRUE.equals(json.get("pending")),
          ((Number) json.get("seconds")).doubleValue(),
          ((Number) json.get("warm_seconds")).doubleValue(),
          ((Number) json.get("waited_seconds")).doubleValue());
    }
  }

  /**
   * Named float32 arrays that are read one at a time.
   *
   * @param shapes by name, in order
   * @param values of an array, by name
   * @param metadata of the file
   */
  record Tensors(
      Map<String, List<Long>> shapes,
      Function<String, float[]> values,
      Map<String, String> metadata) {
    /** Arrays without metadata. */
    Tensors(Map<String, List<Long>> shapes, Function<String, float[]> values) {
      this(shapes, values, Map.of());
    }

    /** Arrays on the heap. */
    static Tensors of(Map<String, HostTensor> tensors) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      return new Tensors(shapes, name -> tensors.get(name).values());
    }

    /** The same with metadata. */
    Tensors described(Map<String, String> description) {
      return new Tensors(shapes, values, description);
    }

    private void write(Path file) {
      Safetensors.write(file, shapes, FiniteTensors.of(values, "the checkpoint"), metadata);
    }
  }

  /**
   * Writes a checkpoint and makes it the last one. Killed at any moment, the one before or this one
   * is there, complete.
   *
   * @param state counters
   * @param weights the network's state dict
   * @param trained the state dict that is trained, if the other one is its moving average
   * @param optimizer the optimizer's state
   * @throws RigException if that fails; the one before stays
   */
  void write(State state, Tensors weights, Optional<Tensors> trained, Tensors optimizer) {
    String name = PREFIX + state.step();
    Path unfinished = run.resolve(UNFINISHED + name);
    try {
      sweep();
      Path complete = run.resolve(name);
      if (!Files.exists(complete)) {
        Files.createDirectories(unfinished);
        weights.write(unfinished.resolve(WEIGHTS));
        trained.ifPresent(tensors -> tensors.write(unfinished.resolve(TRAINED)));
        optimizer.write(unfinished.resolve(OPTIMIZER));
        Json.write(unfinished.resolve(STATE), state.json());
        AtomicFile.sync(unfinished);
        AtomicFile.move(unfinished, complete);
        AtomicFile.sync(run);
      } else {
        Json.write(complete.resolve(STATE), state.json());
      }
      Map<String, Object> pointers = new LinkedHashMap<>();
      pointers.put("last", name);
      if (state.bestStep() > 0) {
        pointers.put("best", PREFIX + state.bestStep());
      }
      Json.write(run.resolve(POINTERS), pointers);
      sweep();
    } catch (IOException e) {
      throw FileFailures.writing(run.resolve(name), e);
    }
  }

  /** Deletes what a crash or an earlier checkpoint left behind. */
  private void sweep() throws IOException {
    Set<Object> keep = Set.copyOf(pointers().values());
    List<Path> entries;
    try (Stream<Path> list = Files.list(run)) {
      entries = list.toList();
    }
    for (Path entry : entries) {
      String name = entry.getFileName().toString();
      boolean unfinished = name.startsWith(UNFINISHED);
      boolean complete = name.matches(PREFIX + "\\d{1,18}");
      if (unfinished || complete && !keep.contains(name) && !kept(name)) {
        RunDirectory.delete(entry);
      }
    }
  }

  private boolean kept(String name) {
    return keepEvery > 0 && Long.parseLong(name.substring(PREFIX.length())) % keepEvery == 0;
  }

  private Map<String, Object> pointers() {
    Path file = run.resolve(POINTERS);
    return Files.exists(file) ? Json.read(file) : Map.of();
  }

  /**
   * @return the directory of the last checkpoint; empty if there is none
   */
  Optional<Path> last() {
    return Optional.ofNullable(pointers().get("last")).map(name -> run.resolve((String) name));
  }

  /**
   * @return the directory of the best checkpoint; empty if there is none
   */
  Optional<Path> best() {
    return Optional.ofNullable(pointers().get("best")).map(name -> run.resolve((String) name));
  }

  /**
   * @param checkpoint a checkpoint's directory
   * @return its counters
   */
  static State state(Path checkpoint) {
    return State.of(Json.read(checkpoint.resolve(STATE)));
  }

  /**
   * @param checkpoint a checkpoint's directory
   * @return its weights by name
   */
  static Map<String, HostTensor> weights(Path checkpoint) {
    return Safetensors.read(checkpoint.resolve(WEIGHTS));
  }

  /**
   * @param checkpoint a checkpoint's directory
   * @return its halting head
   */
  static Halting halting(Path checkpoint) {
    Path file = checkpoint.resolve(WEIGHTS);
    try (Safetensors tensors = Safetensors.open(file)) {
      return Halting.read(tensors.metadata(), file.toString());
    }
  }

  /**
   * @param checkpoint a checkpoint's directory
   * @return the weights that are trained; empty if they are those of {@link #weights}
   */
  static Optional<Map<String, HostTensor>> trained(Path checkpoint) {
    return Optional.of(checkpoint.resolve(TRAINED)).filter(Files::exists).map(Safetensors::read);
  }

  /**
   * @param checkpoint a checkpoint's directory
   * @return its optimizer state by name
   */
  static Map<String, HostTensor> optimizer(Path checkpoint) {
    return Safetensors.read(checkpoint.resolve(OPTIMIZER));
  }
}
