package org.riglab.training.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.Training;
import org.riglab.base.FileFailures;
import org.riglab.base.Json;

/**
 * What came of every step and evaluation of a run: one JSON object per line, appended as it
 * happens. Numbers are written so that they read back to the last bit.
 */
final class RunLog implements AutoCloseable {
  private final KeptPoints points = new KeptPoints();
  private final List<Training.Validation> evaluations = new ArrayList<>();
  private final Appender steps;
  private final Appender validations;

  private RunLog(RunDirectory run, long lastStep, long lastEvaluation) {
    cut(run.stepLog(), read(run.stepLog(), lastStep, json -> points.add(point(json))));
    cut(
        run.evaluationLog(),
        read(run.evaluationLog(), lastEvaluation, json -> evaluations.add(validation(json))));
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

  /** Steps up to one, as {@link Training#points} has them. */
  static List<Training.Point> points(RunDirectory run, long lastStep) {
    KeptPoints points = new KeptPoints();
    read(run.stepLog(), lastStep, json -> points.add(point(json)));
    return points.points();
  }

  private static Training.Point point(Map<String, Object> json) {
    return new Training.Point(
        ((Number) json.get("step")).longValue(),
        ((Number) json.get("loss")).doubleValue(),
        ((Number) json.get("lr")).doubleValue());
  }

  /** All evaluations up to a step. */
  static List<Training.Validation> evaluations(RunDirectory run, long lastStep) {
    List<Training.Validation> evaluations = new ArrayList<>();
    read(run.evaluationLog(), lastStep, json -> evaluations.add(validation(json)));
    return evaluations;
  }

  private static Training.Validation validation(Map<String, Object> json) {
    return new Training.Validation(
        ((Number) json.get("step")).longValue(),
        ((List<?>) json.get("miou"))
            .stream().map(v -> v instanceof Number n ? n.doubleValue() : Double.NaN).toList());
  }

  List<Training.Point> points() {
    return points.points();
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

  /**
   * Reads a log line by line. A line without its end was cut off by a crash.
   *
   * @param last step that is read; steps are in order
   * @return length of what was read, in bytes
   */
  private static long read(Path file, long last, Consumer<Map<String, Object>> taken) {
    long length = 0;
    if (!Files.exists(file)) {
      return length;
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next != '\n') {
          line.write(next);
          continue;
        }
        Map<String, Object> json = Json.parse(line.toByteArray(), file.toString());
        if (((Number) json.get("step")).longValue() > last) {
          return length;
        }
        taken.accept(json);
        length += line.size() + 1;
        line.reset();
      }
      return length;
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  private static void cut(Path file, long length) {
    if (file.toFile().length() > length) {
      try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
        log.setLength(length);
        log.getFD().sync();
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
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
