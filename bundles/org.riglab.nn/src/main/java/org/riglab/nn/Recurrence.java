package org.riglab.nn;

import java.util.function.Supplier;

/** Which iteration of an unrolled network the current thread computes. */
public final class Recurrence {
  private static final ThreadLocal<Integer> ITERATION = ThreadLocal.withInitial(() -> 1);

  private Recurrence() {}

  /**
   * @return 1 for the first, and outside of any
   */
  public static int iteration() {
    return ITERATION.get();
  }

  /**
   * @param <T> of the result
   * @param iteration 1 for the first
   * @param body runs in that iteration
   * @return what the body returns
   */
  public static <T> T in(int iteration, Supplier<T> body) {
    int outer = ITERATION.get();
    ITERATION.set(iteration);
    try {
      return body.get();
    } finally {
      ITERATION.set(outer);
    }
  }
}
