package org.riglab.training.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;

/** How fast a run is, over the last steps, and how long it will take. */
final class Pace {
  /** Steps after which caches and workers are warm. */
  private static final int WARM_UP = 10;

  /** Steps that the shown speed is the mean of. */
  private static final int WINDOW = 20;

  private final TrainSpec spec;
  private final Length length;
  private final boolean validates;
  private final long warm;
  private final Deque<Double> recent = new ArrayDeque<>();
  private double validationSeconds;

  /**
   * @param spec of the training
   * @param length of the run
   * @param validates whether there is a split to validate on
   * @param startStep steps done by earlier processes
   */
  Pace(TrainSpec spec, Length length, boolean validates, long startStep) {
    this.spec = spec;
    this.length = length;
    this.validates = validates;
    this.warm = startStep + WARM_UP;
  }

  /** Whether the speed of a step counts. */
  boolean warm(long step) {
    return step > warm;
  }

  /**
   * @param seconds that the last validation took
   */
  void validated(double seconds) {
    validationSeconds = seconds;
  }

  /**
   * @param state counters after the step
   * @param loss of the step
   * @param learningRate of the step
   * @param seconds that the step took
   * @return what observers are told
   */
  Observer.Step step(Checkpoints.State state, double loss, double learningRate, double seconds) {
    recent.add(seconds);
    if (recent.size() > WINDOW) {
      recent.remove();
    }
    double mean = recent.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    long left = length.steps() - state.step();
    return new Observer.Step(
        state.step(),
        length.steps(),
        loss,
        learningRate,
        spec.budget().batch() * length.perStep() / mean,
        Results.waiting(state),
        left * mean + validations(left) * validationSeconds);
  }

  private double validations(long stepsLeft) {
    if (!validates) {
      return 0;
    }
    long every = spec.budget().evalEvery();
    return every > 0
        ? (double) stepsLeft / every
        : (double) stepsLeft * length.perStep() / length.batches();
  }
}
