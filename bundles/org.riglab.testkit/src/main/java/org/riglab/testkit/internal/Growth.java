package org.riglab.testkit.internal;

import java.util.function.LongSupplier;

/**
 * Whether memory grows with the number of steps. The process takes memory for other reasons, too:
 * the virtual machine compiles methods, and allocators keep what was freed, on a loaded machine for
 * seconds. This growth ends. That of a leak is in every round.
 *
 * @param leak whether each of many rounds grew
 * @param perStep mean growth of a step in bytes
 * @param steps that were measured
 */
record Growth(boolean leak, long perStep, int steps) {
  private static final int ROUNDS = 8;

  /** From here on other growth gets time to end. */
  private static final int SUSPICIOUS = 4;

  private static final long PAUSE_MILLIS = 100;

  /** Less growth in a round does not count. */
  private static final long NOISE = 2 << 20;

  /**
   * Measures until a round has not grown.
   *
   * @param slope bytes per step from which growth counts, if a round has enough steps
   * @param steps of a round
   * @param round executes them
   * @param memory measures
   * @return what was found
   */
  static Growth measure(long slope, int steps, Runnable round, LongSupplier memory) {
    long begin = memory.getAsLong();
    long before = begin;
    for (int done = 1; done <= ROUNDS; done++) {
      round.run();
      long now = memory.getAsLong();
      if (now - before <= Math.max(slope * steps, NOISE)) {
        return new Growth(false, (now - begin) / ((long) steps * done), steps * done);
      }
      before = now;
      if (done >= SUSPICIOUS && done < ROUNDS) {
        pause();
        before = memory.getAsLong();
      }
    }
    long grown = before - begin;
    return new Growth(true, grown / ((long) steps * ROUNDS), steps * ROUNDS);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the check is given up
    }
  }
}
