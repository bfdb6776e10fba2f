package org.riglab.shell.internal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Observer;
import org.riglab.base.Visible;

/**
 * Progress of a training or evaluation: one line that is redrawn in a terminal, else a plain line
 * at intervals.
 */
final class Progress implements Observer, AutoCloseable {
  private static final int BAR = 10;
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PLAIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final String label;
  private boolean shown;
  private long last;
  private boolean drawn;
  private String lastMIoU = "";

  /**
   * @param terminal where to
   * @param label in front of every line; may be empty
   */
  Progress(Terminal terminal, String label) {
    this(terminal, label, System::nanoTime);
  }

  /**
   * @param terminal where to
   * @param label in front of every line; may be empty
   * @param nanoTime a clock
   */
  Progress(Terminal terminal, String label, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.label = label;
    this.nanoTime = nanoTime;
  }

  @Override
  public void message(String line) {
    clear();
    terminal.out().println(label + line);
  }

  @Override
  public void step(Step step) {
    boolean end = step.step() == step.steps();
    if (!due(end)) {
      return;
    }
    show(
        bar(step.step(), step.steps())
            + Text.format(
                "%d/%d loss %.4f lr %.1e %.1f img/s%s %s left",
                step.step(),
                step.steps(),
                step.loss(),
                step.learningRate(),
                step.imagesPerSecond(),
                lastMIoU,
                Text.duration(step.secondsLeft())));
  }

  @Override
  public void evaluated(Evaluation evaluation, long step) {
    String mIoU =
        evaluation.iterations().stream()
            .map(s -> Text.percent(s.values().getOrDefault("mIoU", Double.NaN)))
            .collect(Collectors.joining(" "));
    lastMIoU =
        " mIoU " + Text.percent(evaluation.answer().values().getOrDefault("mIoU", Double.NaN));
    message("step " + step + ": mIoU " + mIoU);
  }

  @Override
  public void image(int done, int total) {
    // Evaluations are short; without a terminal only long ones are worth a line.
    if (!terminal.interactive() && !shown) {
      shown = true;
      last = nanoTime.getAsLong();
    } else if (due(terminal.interactive() && done == total)) {
      show(bar(done, total) + Text.format("%d/%d images", done, total));
    }
  }

  /** Ends the line that is drawn again. */
  @Override
  public void close() {
    clear();
  }

  private boolean due(boolean end) {
    long now = nanoTime.getAsLong();
    long pause = terminal.interactive() ? REDRAW_NANOS : PLAIN_NANOS;
    if (shown && !end && now - last < pause) {
      return false;
    }
    shown = true;
    last = now;
    return true;
  }

  private String bar(long done, long total) {
    if (!terminal.interactive()) {
      return "";
    }
    int full = (int) (BAR * done / Math.max(1, total));
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] ";
  }

  private void show(String line) {
    String text = label + line;
    if (terminal.interactive()) {
      String fit = Text.cut(Visible.line(text), terminal.columns() - 1);
      terminal.screen().print("\r\u001b[K" + fit);
      terminal.out().flush();
      drawn = true;
    } else {
      terminal.out().println(text);
    }
  }

  private void clear() {
    if (drawn) {
      terminal.screen().print("\r\u001b[K");
      terminal.out().flush();
      drawn = false;
    }
  }
}
