package org.riglab.shell.internal;

import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.lab.Run;
import org.riglab.base.Names;

/** Shows the progress of a run while the command waits for it. */
final class Waiting implements Consumer<Run>, AutoCloseable {
  private final Progress progress;
  private Run.State state;
  private long done = -1;

  /**
   * @param terminal where to
   */
  Waiting(Terminal terminal) {
    this.progress = new Progress(terminal, "");
  }

  /** The kind with which a command fails that waited for a run. */
  static RigException.Kind failure(Run run) {
    return run.failure().orElse(RigException.Kind.PART_FAILED);
  }

  @Override
  public synchronized void accept(Run run) {
    if (run.state() != state) {
      state = run.state();
      progress.message("run " + run.id() + " " + Names.writtenChoice(state));
    }
    if (state == Run.State.RUNNING && run.progress().done() != done) {
      done = run.progress().done();
      if (run.kind() == Run.Kind.EVAL) {
        progress.image((int) done, (int) run.progress().total());
      } else {
        progress.step(
            new Observer.Step(
                done,
                run.progress().total(),
                run.metrics().getOrDefault("loss", Double.NaN),
                run.metrics().getOrDefault("lr", Double.NaN),
                run.progress().imagesPerSecond(),
                0,
                run.progress().secondsLeft()));
      }
    }
  }

  @Override
  public void close() {
    progress.close();
  }
}
