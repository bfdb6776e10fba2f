package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends runs that make no step: politely first, then without them. */
final class StepLimit {
  private static final Logger LOG = LoggerFactory.getLogger(StepLimit.class);

  /** Seconds for a run to unwind after its thread was interrupted. */
  private static final double GRACE = 10;

  private final double seconds;
  private final Culprits culprits;

  /**
   * @param minutes without a step; 0 for no limit
   * @param culprits knows who it is
   */
  StepLimit(double minutes, Culprits culprits) {
    this.seconds = minutes * 60;
    this.culprits = culprits;
  }

  /**
   * Looks at a run.
   *
   * @param worker that does it
   * @param control of the run
   * @return whether its thread was abandoned: the device needs another worker
   */
  boolean watch(Worker worker, Control control) {
    double silent = control.deadSeconds();
    if (seconds <= 0 || silent < seconds) {
      return false;
    }
    if (control.overdue().isEmpty()) {
      String why = why(control, silent);
      LOG.warn("run {}: {}", control.run().id(), why, stack(control.thread()));
      control.interrupt(why);
      return false;
    }
    if (control.interruptedSeconds() < Math.min(GRACE, seconds)) {
      return false;
    }
    Optional<Culprits.Culprit> culprit = culprits.in(threads(control.thread()));
    String error =
        why(control, silent)
            + "; it does not answer an interrupt: its thread was abandoned"
            + (culprit.isPresent() ? " and the plugin is out of order" : "");
    if (!worker.abandon(control, error)) {
      return false;
    }
    LOG.error("run {}: {}", control.run().id(), error, stack(control.thread()));
    culprit.ifPresent(
        c ->
            culprits.block(
                c,
                "in run %d it made no step and hung in %s".formatted(control.run().id(), c.at())));
    return true;
  }

  private String why(Control control, double silent) {
    String where =
        culprits
            .in(threads(control.thread()))
            .map(Culprits.Culprit::toString)
            .orElseGet(() -> "it is in " + top(control.thread()));
    return "no step for %s: %s".formatted(duration(silent), where);
  }

  private static String top(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length == 0 ? "no code at all" : PluginThreads.where(stack[0]);
  }

  static String duration(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.0f minutes", Math.floor(seconds / 60));
  }

  /** The run's own thread first, then those that were made for it. */
  private static List<Thread> threads(Thread first) {
    List<Thread> threads = new ArrayList<>(List.of(first));
    for (Thread thread : LeakedThreads.of(first.getThreadGroup())) {
      if (thread != first) {
        threads.add(thread);
      }
    }
    return threads;
  }

  private static Throwable stack(Thread thread) {
    Throwable stack = new Throwable(thread.getName());
    stack.setStackTrace(thread.getStackTrace());
    return stack;
  }
}
