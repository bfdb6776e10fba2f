package org.riglab.training.internal;

import org.riglab.api.bench.TrainSpec;

/**
 * The learning rate over a run.
 *
 * @param kind poly or constant
 * @param start rate of the first step
 * @param power of poly
 * @param steps of the whole run
 */
record LearningRate(String kind, double start, double power, long steps) {
  /**
   * @param spec of the training
   * @param steps of the whole run
   */
  static LearningRate of(TrainSpec spec, long steps) {
    return new LearningRate(
        spec.schedule().schedule(), spec.optimiser().lr(), spec.schedule().power(), steps);
  }

  /**
   * @param step 1 for the first
   * @return the rate of that step; poly: start * (1 - (step - 1) / steps)^power
   */
  double of(long step) {
    return kind.equals("poly") ? start * Math.pow(1 - (step - 1) / (double) steps, power) : start;
  }
}
