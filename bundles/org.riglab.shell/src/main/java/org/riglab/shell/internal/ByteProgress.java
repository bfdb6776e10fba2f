package org.riglab.shell.internal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.riglab.api.engine.EngineSetup;
import org.riglab.base.Visible;

/** Progress of a transfer: a bar in a terminal, else a line at intervals. */
final class ByteProgress implements EngineSetup.Watcher, AutoCloseable {
  private static final int BAR = 30;
  private static final double MB = 1e6;
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private long last;
  private String task = "";
  private boolean drawn;

  ByteProgress(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  ByteProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    last = nanoTime.getAsLong();
  }

  @Override
  public void message(String line) {
    close();
    terminal.out().println(line);
  }

  @Override
  public void progress(String now, long done, long total) {
    long time = nanoTime.getAsLong();
    if (now.equals(task) && time - last < (terminal.interactive() ? REDRAW_NANOS : PLAIN_NANOS)) {
      return;
    }
    task = now;
    last = time;
    String text = Text.format("%s %.0f of %.0f MB", now, done / MB, total / MB);
    if (terminal.interactive()) {
      int full = (int) Math.min(BAR, BAR * done / Math.max(1, total));
      terminal
          .screen()
          .print(
              "\r\u001b[K["
                  + "#".repeat(full)
                  + ".".repeat(BAR - full)
                  + "] "
                  + Visible.line(text));
      terminal.out().flush();
      drawn = true;
    } else {
      terminal.out().println(text);
    }
  }

  /** Ends the line that is drawn again. */
  @Override
  public void close() {
    if (drawn) {
      terminal.screen().print("\r\u001b[K");
      terminal.out().flush();
      drawn = false;
    }
  }
}
