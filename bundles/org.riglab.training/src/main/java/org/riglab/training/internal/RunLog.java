package org.riglab.training.internal;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Training;
import org.riglab.base.AtomicFile;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/**
 * What came of every step and evaluation of a run: one JSON object per line, appended as it
 * happens. Numbers are written so that they read back to the last bit.
 */
final class RunLog implements AutoCloseable {
  private final List<Training.Point> points;
  private final List<Training.Validation> evaluations;
  private final Appender steps;
  private final Appender validations;

  private RunLog(RunDirectory run, long lastStep, long lastEvaluation) {
    this.points = new ArrayList<>(points(run, lastStep));
    this.evaluations = new ArrayList<>(evaluations(run, lastEvaluation));
    rewrite(run.stepLog(), points.stream().map(RunLog::line).collect(Collectors.joining()));
    rewrite(
        run.evaluationLog(), evaluations.stream().map(RunLog::line).collect(Collectors.joining()));
    this.steps = new Appender(run.stepLog());
    this.validations = new Appender(run.evaluationLog());
  }

  /**
   * Opens a run's logs and cuts off what lies behind its checkpoint: it is computed again.
   *
   * @param run the run
   * @param state of its checkpoint
   * @return the logs
   */
  static RunLog open(RunDirectory run, Checkpoints.State state) {
    return new RunLog(run, state.step(), state.pending() ? state.step() - 1 : state.step());
  }

  /** All steps up to one. */
  static List<Training.Point> points(RunDirectory run, long lastStep) {
    return lines(run.stepLog()).stream()
        .map(
            json ->
                new Training.Point(
                    ((Number) json.get("step")).longValue(),
                    ((Number) json.get("loss")).doubleValue(),
                    ((Number) json.get("lr")).doubleValue()))
        .filter(point -> point.step() <= lastStep)
        .toList();
  }

  /** All evaluations up to a step. */
  static List<Training.Validation> evaluations(RunDirectory run, long lastStep) {
    return lines(run.evaluationLog()).stream()
        .map(
            json ->
                new Training.Validation(
                    ((Number) json.get("step")).longValue(),
                    ((List<?>) json.get("miou"))
                        .stream()
                            .map(v -> v instanceof Number n ? n.doubleValue() : Double.NaN)
                            .toList()))
        .filter(evaluation -> evaluation.step() <= lastStep)
        .toList();
  }

  List<Training.Point> points() {
    return points;
  }

  List<Training.Validation> evaluations() {
    return evaluations;
  }

  void add(Training.Point point) {
    points.add(point);
    steps.append(line(point));
  }

  void add(Training.Validation evaluation) {
    evaluations.add(evaluation);
    validations.append(line(evaluation));
  }

  /** Forces everything so far to the disk. */
  void sync() {
    steps.sync();
    validations.sync();
  }

  @Override
  public void close() {
    steps.close();
    validations.close();
  }

  private static String line(Training.Point point) {
    return "{\"step\":"
        + point.step()
        + ",\"loss\":"
        + point.loss()
        + ",\"lr\":"
        + point.learningRate()
        + "}\n";
  }

  private static String line(Training.Validation evaluation) {
    String values =
        evaluation.mIoU().stream()
            .map(v -> v.isNaN() ? "null" : v.toString())
            .collect(Collectors.joining(","));
    return "{\"step\":" + evaluation.step() + ",\"miou\":[" + values + "]}\n";
  }

  private static List<Map<String, Object>> lines(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      String text = Files.readString(file);
      // A line without its end was cut off by a crash.
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(line -> Json.parse(line, file.toString()))
          .toList();
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  private static void rewrite(Path file, String text) {
    try {
      if (!Files.exists(file) || !Files.readString(file).equals(text)) {
        AtomicFile.writeText(file, text);
      }
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /** Not a channel: an interrupt, which is how runs are stopped, would close it. */
  private static final class Appender {
    private final Path file;
    private final FileOutputStream out;

    Appender(Path file) {
      this.file = file;
      try {
        this.out = new FileOutputStream(file.toFile(), true);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    void append(String line) {
      try {
        out.write(line.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw failed(e);
      }
    }

    void sync() {
      try {
        out.getFD().sync();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private RigException failed(IOException e) {
      return FileFailures.writing(file, e);
    }
  }
}
