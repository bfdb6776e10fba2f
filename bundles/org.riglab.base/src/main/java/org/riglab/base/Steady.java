package org.riglab.base;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that is done again and again, or for one item after the other, and must not end because it
 * failed once. An executor never again runs a periodic task that has thrown.
 */
public final class Steady {
  private static final Logger LOG = LoggerFactory.getLogger(Steady.class);

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
   * Runs a task; a failure goes to the log.
   *
   * @param what a noun phrase for the log
   * @param task may throw
   * @return whether it ran to its end
   */
  public static boolean run(String what, Runnable task) {
    try {
      task.run();
      return true;
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      LOG.error("{} failed and will be done again", what, e);
      return false;
    }
  }
}
