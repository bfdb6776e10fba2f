package org.riglab.shell.internal;

import java.util.function.LongSupplier;
import org.riglab.api.bench.BulkPredictor;
import org.riglab.base.Visible;

/** Progress in images, as a {@link RedrawnLine}. */
final class BulkProgress implements BulkPredictor.Watcher, AutoCloseable {
  private static final long PLAIN_SECONDS = 30;

  private final Terminal terminal;
  private final RedrawnLine line;

  BulkProgress(Terminal terminal) {
    this(terminal, System::nanoTime);
  }

  BulkProgress(Terminal terminal, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.line = new RedrawnLine(terminal, nanoTime, PLAIN_SECONDS);
  }

  @Override
  public void progress(long done, long total) {
    if (line.due(false)) {
      String text = Text.format("%d of %s", done, Text.count(total, "image"));
      line.show(text, text);
    }
  }

  @Override
  public void failed(String image, String reason) {
    message(image + ": " + reason);
  }

  @Override
  public void message(String text) {
    close();
    terminal.out().println(Visible.line(text));
  }

  /** Ends the line that is drawn again. */
  @Override
  public void close() {
    line.close();
  }
}
