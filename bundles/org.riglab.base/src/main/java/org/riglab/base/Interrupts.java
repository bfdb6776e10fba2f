package org.riglab.base;

import java.util.concurrent.CancellationException;

/** Ends computations that have no other way to be cancelled. */
public final class Interrupts {
  private Interrupts() {}

  /**
   * Called between two images, passes or files of a long computation. The interrupt status of the
   * thread is not cleared.
   *
   * @throws CancellationException if the thread is interrupted
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
  }
}
