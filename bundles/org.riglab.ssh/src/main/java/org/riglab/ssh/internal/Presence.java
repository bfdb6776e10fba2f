package org.riglab.ssh.internal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * When somebody was last there: a key pressed, a command that runs. What their client sends by
 * itself to keep the connection is no such thing.
 */
final class Presence {
  private final AtomicInteger running = new AtomicInteger();
  private volatile long last = System.nanoTime();

  /** Somebody did something. */
  void used() {
    last = System.nanoTime();
  }

  /** A command begins. */
  void begins() {
    running.incrementAndGet();
  }

  /** A command that began has ended. */
  void ended() {
    used();
    running.decrementAndGet();
  }

  /**
   * @return since when nobody was there; zero while a command runs
   */
  Duration idle() {
    return running.get() > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - last);
  }
}
