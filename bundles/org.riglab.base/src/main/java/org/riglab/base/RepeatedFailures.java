package org.riglab.base;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Decides which failures of repeated tasks are logged: the first one, and while the same one
 * repeats, one per interval. Thread safe.
 */
final class RepeatedFailures {
  private static final int MOST = 1000;

  private final Map<String, Last> last = new ConcurrentHashMap<>();
  private final long interval;
  private final LongSupplier nanos;

  /**
   * @param failure its class and message
   * @param logged when one was logged
   * @param unlogged how many were not logged since then
   */
  private record Last(String failure, long logged, int unlogged) {}

  /**
   * @param interval between lines about the same failure
   * @param nanos a clock
   */
  RepeatedFailures(Duration interval, LongSupplier nanos) {
    this.interval = interval.toNanos();
    this.nanos = nanos;
  }

  /**
   * @param task that failed
   * @param failure of it
   * @return how many failures like this one were not logged since the last one that was; empty if
   *     this one is not to be logged either
   */
  OptionalInt failed(String task, Throwable failure) {
    if (last.size() >= MOST) {
      last.clear();
    }
    long now = nanos.getAsLong();
    Last before = last.get(task);
    String text = failure.toString();
    boolean same = before != null && before.failure().equals(text);
    if (same && now - before.logged() < interval) {
      last.put(task, new Last(text, before.logged(), before.unlogged() + 1));
      return OptionalInt.empty();
    }
    last.put(task, new Last(text, now, 0));
    return OptionalInt.of(same ? before.unlogged() : 0);
  }

  /**
   * @param task that ran to its end: its next failure is logged
   */
  void succeeded(String task) {
    last.remove(task);
  }
}
