package org.riglab.spark.job;

import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;

/** Says why nothing happens while a cluster has no room for a job. */
final class Waiting implements AutoCloseable {
  private static final long SECONDS = 30;

  private final JavaSparkContext context;
  private final PrintStream events;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "rig-waiting");
            thread.setDaemon(true);
            return thread;
          });

  Waiting(JavaSparkContext context, PrintStream events) {
    this.context = context;
    this.events = events;
  }

  void start() {
    if (!context.isLocal()) {
      timer.scheduleWithFixedDelay(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }
  }

  /** The driver itself is among those that are counted. */
  private void look() {
    if (context.sc().statusTracker().getExecutorInfos().length <= 1) {
      String line =
          "waiting for the cluster: no worker has started a process for this job yet; it needs a"
              + " free core and "
              + context.getConf().get("spark.executor.memory", "1g");
      events.println(new Event(Event.Type.MESSAGE, 0, 0, 0, null, line).line());
      events.flush();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
