package org.riglab.spark.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.BulkPredictor.Outcome;
import org.riglab.api.bench.BulkPredictor.Watcher;
import org.riglab.base.FileFailures;
import org.riglab.spark.job.Event;

/** The process of a driver. */
final class DriverProcess {
  private static final long END_SECONDS = 15;
  private static final int INTERRUPTED = 130;

  private final BlockingQueue<Optional<Event>> events = new LinkedBlockingQueue<>();
  private final Process process;
  private final Path log;

  /**
   * @param command starts it
   * @param home has the log
   * @throws RigException IO if it cannot be started
   */
  DriverProcess(List<String> command, Path home) {
    log = home.resolve("log/spark.log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.to(log.toFile()));
    // The driver's own computations, for master local
    builder.environment().putIfAbsent("OMP_NUM_THREADS", "1");
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    String cache = System.getProperty("ENGINE_CACHE_DIR");
    if (cache != null) {
      builder.environment().put("ENGINE_CACHE_DIR", cache);
    }
    try {
      Files.createDirectories(log.getParent());
      process = builder.start();
    } catch (IOException e) {
      throw new RigException(
          Kind.IO, "cannot start the driver of Spark: " + FileFailures.reason(e), e);
    }
    Thread reader = new Thread(this::read, "rig-spark");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Event.parse(line).ifPresent(event -> events.add(Optional.of(event)));
      }
    } catch (IOException e) {
      // The end of the process, as of a stream that ends
      return;
    } finally {
      events.add(Optional.empty());
    }
  }

  /**
   * Waits for the end of the job.
   *
   * @param watcher receives the progress
   * @return what was done
   * @throws RigException of the job
   * @throws InterruptedException if the thread is interrupted
   */
  Outcome follow(Watcher watcher) throws InterruptedException {
    long failed = 0;
    Outcome outcome = null;
    for (Optional<Event> next = events.take(); next.isPresent(); next = events.take()) {
      Event event = next.get();
      switch (event.type()) {
        case PROGRESS -> watcher.progress(event.first(), event.second());
        case BAD -> {
          failed++;
          watcher.failed(event.name(), event.text());
        }
        case MESSAGE -> watcher.message(event.text());
        case RESULT ->
            outcome = new Outcome(event.first(), event.second(), failed, event.seconds());
        case FAILED ->
            throw new RigException(
                Kind.valueOf(event.name()), event.text() + " (" + log + " has more)");
      }
    }
    if (outcome == null) {
      int status = process.waitFor();
      if (status == INTERRUPTED) {
        // Ctrl-C reaches both processes
        throw new InterruptedException("the driver was interrupted");
      }
      throw new RigException(
          Kind.UNAVAILABLE,
          "the driver of Spark ended with status %d; %s says why".formatted(status, log));
    }
    return outcome;
  }

  /** Ends it if it runs; its processes in the cluster end with it. */
  void end() {
    boolean interrupted = Thread.interrupted();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroy();
    }
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
