package org.riglab.ssh.internal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The idle time of a session: keys and running commands count as activity, keep-alive packets of
 * the client do not.
 */
final class Presence {
  private final AtomicInteger running = new AtomicInteger();
  private volatile long last = System.nanoTime();

  /** Records activity. */
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
   * @return time since the last activity; zero while a command runs
   */
  Duration idle() {
    return running.get() > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - last);
  }
}
