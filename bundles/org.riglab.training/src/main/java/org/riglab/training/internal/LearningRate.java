package org.riglab.training.internal;

import org.riglab.api.RigException;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Schedule;

/**
 * The learning rate over a run, as PyTorch's {@code SequentialLR} of {@code LinearLR} and one of
 * {@code PolynomialLR}, {@code CosineAnnealingLR} and {@code ConstantLR}, stepped after every
 * optimizer step.
 *
 * @param schedule the functions
 * @param start rate at the end of the warm-up
 * @param steps of the whole run
 */
record LearningRate(Schedule schedule, double start, long steps) {
  /**
   * @param spec of the training
   * @param steps of the whole run
   * @throws RigException if the warm-up is longer than the run
   */
  static LearningRate of(TrainSpec spec, long steps) {
    long warmup = spec.schedule().warmup();
    if (warmup > steps) {
      throw new RigException(
          "training: option 'warmup' is %d; it must be at most the %d steps of the run"
              .formatted(warmup, steps));
    }
    return new LearningRate(spec.schedule(), spec.optimiser().lr(), steps);
  }

  /**
   * @param step 1 for the first
   * @return the rate of that step
   */
  double of(long step) {
    long warmup = schedule.warmup();
    long done = step - 1;
    if (done < warmup) {
      double first = schedule.warmupStart();
      return start * (first + (1 - first) * done / warmup);
    }
    double share = (done - warmup) / (double) (steps - warmup);
    return switch (schedule.schedule()) {
      case "poly" -> start * Math.pow(1 - share, schedule.power());
      case "cosine" ->
          schedule.lrEnd() + (start - schedule.lrEnd()) * (1 + Math.cos(Math.PI * share)) / 2;
      default -> start;
    };
  }
}
