package org.riglab.runs.internal;

import java.util.Map;
import org.riglab.api.RigException;

/**
 * The worker for what somebody asks between runs, such as a prediction on the page: the server
 * loads no engine for it, and no plugin's code runs in the server. It starts when it is needed, and
 * ends when it has not been for a while.
 */
final class Aside {
  private static final long IDLE_NANOS = 120_000_000_000L;
  private static final long START_NANOS = 120_000_000_000L;
  private static final long POLL_MILLIS = 100;

  private final Seat seat;
  private final Runnable wake;

  // Guarded by this.
  private int asking;
  private boolean used;
  private long last;

  /**
   * @param seat takes no runs
   * @param wake makes the supervisor look at the seat
   */
  Aside(Seat seat, Runnable wake) {
    this.seat = seat;
    this.wake = wake;
  }

  Seat seat() {
    return seat;
  }

  /** Whether there must be a process now. */
  synchronized boolean needed() {
    return asking > 0 || used && System.nanoTime() - last < IDLE_NANOS;
  }

  /**
   * Asks the worker, which is started if it is not there.
   *
   * @throws RigException as the worker refuses it; UNAVAILABLE if it does not start or takes too
   *     long
   */
  Map<String, Object> ask(String op, Map<String, Object> body, long seconds) {
    synchronized (this) {
      asking++;
      used = true;
    }
    try {
      await();
      return seat.ask(op, body, seconds);
    } finally {
      synchronized (this) {
        asking--;
        last = System.nanoTime();
      }
    }
  }

  private void await() {
    long begin = System.nanoTime();
    while (!seat.reachable()) {
      if (System.nanoTime() - begin > START_NANOS) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE, seat.title() + " has not started; see its log");
      }
      wake.run();
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RigException(
            RigException.Kind.UNAVAILABLE, "interrupted while " + seat.title() + " starts", e);
      }
    }
  }
}
