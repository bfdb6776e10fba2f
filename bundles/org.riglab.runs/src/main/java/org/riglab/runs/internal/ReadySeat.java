package org.riglab.runs.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;

/** The worker that is asked for something beside the runs. */
final class ReadySeat {
  private static final long WAIT_SECONDS = 30;
  private static final long POLL_MILLIS = 100;

  private ReadySeat() {}

  /**
   * @param seats of all workers
   * @return one that answers, preferably without a run
   * @throws RigException UNAVAILABLE if none is ready within 30 s
   */
  static Seat of(List<Seat> seats) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      Optional<Seat> seat =
          seats.stream()
              .filter(Seat::reachable)
              .min(Comparator.comparing(candidate -> !candidate.free()));
      if (seat.isPresent()) {
        return seat.get();
      }
      if (seats.isEmpty() || System.nanoTime() > deadline || !pause()) {
        throw new RigException(
            RigException.Kind.UNAVAILABLE,
            "no worker is ready to compute this; try again in a few seconds");
      }
    }
  }

  /** Whether the thread was not interrupted meanwhile. */
  private static boolean pause() {
    try {
      Thread.sleep(POLL_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
