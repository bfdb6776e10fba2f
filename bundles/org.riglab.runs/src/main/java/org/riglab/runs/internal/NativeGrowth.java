package org.riglab.runs.internal;

import java.util.Locale;
import java.util.Optional;

/**
 * Tells whether native memory grows step by step. The system knows how much a process holds, not
 * what for: native memory is at least what is left when all of the heap is taken off, and at most
 * what is left when only the used part of it is. It has grown when the least is more than the most
 * was before.
 */
final class NativeGrowth {
  /** Growth below this may be a cache that fills. */
  private static final long MOST_BYTES = 256L << 20;

  /** A cache is full some time: samples in a row, each higher than the one before. */
  private static final int RISES = 3;

  private long most;
  private long firstStep = -1;
  private long before;
  private int rises;

  /**
   * Takes a sample.
   *
   * @param step how many steps, or images, are done
   * @param resident bytes that the process holds
   * @param heap bytes of it that the heap may take
   * @param used bytes of the heap that are used
   * @return what to say about it; empty if there is nothing
   */
  Optional<String> sample(long step, long resident, long heap, long used) {
    if (firstStep < 0) {
      // The first step compiles, and everything is loaded then.
      if (step > 0) {
        firstStep = step;
        most = resident - used;
        before = resident - heap;
      }
      return Optional.empty();
    }
    long least = resident - heap;
    rises = least > before ? rises + 1 : 0;
    before = least;
    long grown = least - most;
    if (step <= firstStep || grown < MOST_BYTES || rises < RISES) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "native memory has grown by %s or more in %d steps and is not freed",
            Watchdog.size(grown),
            step - firstStep));
  }
}
