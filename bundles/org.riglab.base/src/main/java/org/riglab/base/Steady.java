package org.riglab.base;

import java.time.Duration;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is done again and again, or for one item after the other, and must not end because it
 * failed once. An executor never again runs a periodic task that has thrown.
 */
public final class Steady {
  private static final Logger LOG = LoggerFactory.getLogger(Steady.class);
  private static final RepeatedFailures FAILURES =
      new RepeatedFailures(Duration.ofMinutes(10), System::nanoTime);

  private Steady() {}

  /**
   * @param what a noun phrase for the log, for example {@code the heartbeat}
   * @param task may throw
   * @return the same task, whose failures go to the log
   */
  public static Runnable task(String what, Runnable task) {
    return () -> run(what, task);
  }

  /**
   * Runs a task; a failure goes to the log. While a task fails repeatedly in the same way, the log
   * gets the first failure with its stack, and then one line every ten minutes.
   *
   * @param what a noun phrase for the log
   * @param task may throw
   * @return whether it ran to its end
   */
  public static boolean run(String what, Runnable task) {
    try {
      task.run();
      FAILURES.succeeded(what);
      return true;
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      log(what, e);
      return false;
    }
  }

  private static void log(String what, Throwable failure) {
    OptionalInt unlogged = FAILURES.failed(what, failure);
    if (unlogged.isEmpty()) {
      return;
    }
    if (unlogged.getAsInt() == 0) {
      LOG.error("{} failed and will be done again", what, failure);
    } else {
      LOG.error(
          "{} still fails ({} more times): {}", what, unlogged.getAsInt(), failure.toString());
    }
  }
}
