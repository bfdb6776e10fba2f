package org.riglab.shell.internal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.base.Visible;

/** A line that is drawn again where a person watches, a line every so often where nobody does. */
final class BulkProgress implements BulkPredictor.Watcher, AutoCloseable {
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private long last;
  private boolean drawn;

  BulkProgress(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  BulkProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    last = nanoTime.getAsLong();
  }

  @Override
  public void progress(long done, long total) {
    long time = nanoTime.getAsLong();
    if (time - last < (terminal.interactive() ? REDRAW_NANOS : PLAIN_NANOS)) {
      return;
    }
    last = time;
    String text = Text.format("%d of %s", done, Text.count(total, "image"));
    if (terminal.interactive()) {
      terminal.screen().print("\r\u001b[K" + text);
      terminal.out().flush();
      drawn = true;
    } else {
      terminal.out().println(text);
    }
  }

  @Override
  public void failed(String image, String reason) {
    message(image + ": " + reason);
  }

  @Override
  public void message(String line) {
    close();
    terminal.out().println(Visible.line(line));
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
