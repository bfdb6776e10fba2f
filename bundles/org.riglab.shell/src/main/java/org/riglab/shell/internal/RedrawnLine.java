package org.riglab.shell.internal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A line that is drawn again in a terminal; elsewhere a line at intervals. */
final class RedrawnLine implements AutoCloseable {
  private static final String ERASE = "\r\u001b[K";
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long plainNanos;
  private long last;
  private boolean drawn;

  /**
   * @param terminal where it is drawn
   * @param nanoTime the time
   * @param plainSeconds between two lines where there is no terminal
   */
  RedrawnLine(Terminal terminal, LongSupplier nanoTime, long plainSeconds) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.plainNanos = TimeUnit.SECONDS.toNanos(plainSeconds);
    last = nanoTime.getAsLong();
  }

  /**
   * Whether the line is to be shown now; the next one is due after the interval.
   *
   * @param anyway whether it is also shown before the interval has passed
   */
  boolean due(boolean anyway) {
    long time = nanoTime.getAsLong();
    if (!anyway && time - last < (terminal.interactive() ? REDRAW_NANOS : plainNanos)) {
      return false;
    }
    last = time;
    return true;
  }

  /**
   * @param visible drawn in a terminal, without control characters
   * @param plain printed elsewhere
   */
  void show(String visible, String plain) {
    if (terminal.interactive()) {
      terminal.screen().print(ERASE + visible);
      terminal.out().flush();
      drawn = true;
    } else {
      terminal.out().println(plain);
    }
  }

  /** Erases the line that is drawn again. */
  @Override
  public void close() {
    if (drawn) {
      terminal.screen().print(ERASE);
      terminal.out().flush();
      drawn = false;
    }
  }
}
