package org.riglab.runs.internal;

/**
 * When a place may start its next process: processes that end without having worked are delayed.
 */
final class Restarts {
  private static final int LONGEST_PAUSE_SECONDS = 30;

  private int failures;
  private long notBefore = System.nanoTime();

  boolean due() {
    return System.nanoTime() - notBefore >= 0;
  }

  /** A process has done a run: what failed before it no longer counts. */
  void worked() {
    failures = 0;
  }

  /** A process has ended: the next may start at once. */
  void ended() {
    notBefore = System.nanoTime();
  }

  /** A process has not worked: the pause is the longer, the more often that happened. */
  void failed() {
    failures++;
    long seconds = failures < 2 ? 0 : Math.min(LONGEST_PAUSE_SECONDS, 1L << Math.min(failures, 6));
    notBefore = System.nanoTime() + seconds * 1_000_000_000L;
  }
}
