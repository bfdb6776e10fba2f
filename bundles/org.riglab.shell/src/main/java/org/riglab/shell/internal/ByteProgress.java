package org.riglab.shell.internal;

import java.util.function.LongSupplier;
import org.riglab.api.engine.EngineSetup;
import org.riglab.base.Visible;

/** Progress of a transfer: a bar in a terminal, else a line at intervals. */
final class ByteProgress implements EngineSetup.Watcher, AutoCloseable {
  private static final int BAR = 30;
  private static final double MB = 1e6;
  private static final long PLAIN_SECONDS = 15;

  private final Terminal terminal;
  private final RedrawnLine line;
  private String task = "";

  ByteProgress(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  ByteProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.line = new RedrawnLine(terminal, nanoTime, PLAIN_SECONDS);
  }

  @Override
  public void message(String text) {
    close();
    terminal.out().println(text);
  }

  @Override
  public void progress(String now, long done, long total) {
    if (!line.due(!now.equals(task))) {
      return;
    }
    task = now;
    String text = Text.format("%s %.0f of %.0f MB", now, done / MB, total / MB);
    int full = (int) Math.min(BAR, BAR * done / Math.max(1, total));
    line.show("[" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + Visible.line(text), text);
  }

  /** Ends the line that is drawn again. */
  @Override
  public void close() {
    line.close();
  }
}
