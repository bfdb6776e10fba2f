package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * The result of a training.
 *
 * @param run its name
 * @param directory of spec, log and checkpoints
 * @param spec of the training
 * @param end how it ended
 * @param points loss of every step; of a training of more than 65,535 steps, of every second,
 *     fourth, eighth, ... step and the last one, less than 65,537 in all. The log of the run has
 *     all
 * @param evaluations all evaluations during the training
 * @param bestMIoU of the evaluations, 0 to 1; NaN if there was none
 * @param bestStep step of that evaluation
 * @param imagesPerSecond over the whole training without evaluations
 * @param waiting share of that time spent waiting for data, after warm-up, 0 to 1
 */
public record Training(
    String run,
    Path directory,
    TrainSpec spec,
    End end,
    List<Point> points,
    List<Validation> evaluations,
    double bestMIoU,
    long bestStep,
    double imagesPerSecond,
    double waiting) {

  /** How a training ended. */
  public enum End {
    /** All steps are done. */
    FINISHED,
    /** Early stopping: the mIoU did not improve. */
    EARLY,
    /** Stopped on request. */
    STOPPED,
    /** A part was removed; resume once it is available again. */
    PAUSED
  }

  /**
   * A step.
   *
   * @param step 1 for the first
   * @param loss mean over the pixels that are not void
   * @param learningRate of the backbone's group
   */
  public record Point(long step, double loss, double learningRate) {}

  /**
   * An evaluation during a training.
   *
   * @param step steps done before it
   * @param mIoU per prediction, in the order of iterations, 0 to 1
   */
  public record Validation(long step, List<Double> mIoU) {}
}
