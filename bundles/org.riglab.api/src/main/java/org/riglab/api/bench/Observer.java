package org.riglab.api.bench;

import org.osgi.annotation.versioning.ConsumerType;

/** Watches a training or evaluation, and may ask it to stop. Called on the run's thread. */
@ConsumerType
public interface Observer {
  /** Watches nothing, never stops. */
  Observer NONE = new Observer() {};

  /**
   * @param line something worth telling
   */
  default void message(String line) {}

  /**
   * @param step a finished training step
   */
  default void step(Step step) {}

  /**
   * @param evaluation an evaluation in the middle of a training
   * @param step the steps done before it
   */
  default void evaluated(Evaluation evaluation, long step) {}

  /**
   * @param done images evaluated so far
   * @param total images to evaluate
   */
  default void image(int done, int total) {}

  /**
   * @return whether to stop after this step, with a checkpoint; an interrupt of the thread says the
   *     same
   */
  default boolean stop() {
    return false;
  }

  /**
   * A finished training step.
   *
   * @param step steps done, 1 after the first
   * @param steps steps to do
   * @param loss of this step
   * @param learningRate of the backbone's group
   * @param imagesPerSecond over the last steps
   * @param waiting share of the time spent waiting for data so far, 0 to 1
   * @param secondsLeft estimate
   */
  record Step(
      long step,
      long steps,
      double loss,
      double learningRate,
      double imagesPerSecond,
      double waiting,
      double secondsLeft) {}
}
