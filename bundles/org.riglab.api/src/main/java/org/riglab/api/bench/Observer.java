package org.riglab.api.bench;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Receives the progress of a training or evaluation, and can stop it. Called on the thread of the
 * run.
 */
@ConsumerType
public interface Observer {
  /** An observer that ignores all calls and never stops. */
  Observer NONE = new Observer() {};

  /**
   * @param line a message for the user
   */
  default void message(String line) {}

  /**
   * @param step a finished training step
   */
  default void step(Step step) {}

  /**
   * @param evaluation an evaluation during a training
   * @param step number of steps before it
   */
  default void evaluated(Evaluation evaluation, long step) {}

  /**
   * @param done images evaluated so far
   * @param total images to evaluate
   */
  default void image(int done, int total) {}

  /**
   * @param index of an image in the evaluated split
   * @param images to evaluate
   * @return whether {@link #predicted} is to be called for it
   */
  default boolean wants(int index, int images) {
    return false;
  }

  /**
   * @param image an evaluated image that is {@linkplain #wants wanted}
   */
  default void predicted(Predicted image) {}

  /**
   * @return whether to stop after this step, with a checkpoint; an interrupt of the thread has the
   *     same effect
   */
  default boolean stop() {
    return false;
  }

  /**
   * What a network predicts for an image of an evaluation.
   *
   * @param index in the split
   * @param height of label and predictions in pixels
   * @param width of label and predictions in pixels
   * @param label height*width bytes
   * @param predictions height*width bytes per iteration
   */
  @SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
  record Predicted(int index, int height, int width, byte[] label, List<byte[]> predictions) {}

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
