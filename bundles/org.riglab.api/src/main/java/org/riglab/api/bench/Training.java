package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * What came of a training.
 *
 * @param run its name
 * @param directory where spec, log and checkpoints are
 * @param spec what was asked for
 * @param end how it ended
 * @param points every step's loss
 * @param evaluations every evaluation on the way
 * @param bestMIoU of the evaluations, 0 to 1; NaN if there was none
 * @param bestStep when that was
 * @param imagesPerSecond over the whole training without evaluations
 * @param waiting share of that time spent waiting for data once warm, 0 to 1
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
    /** All steps done. */
    FINISHED,
    /** No better mIoU for a while. */
    EARLY,
    /** Somebody asked. */
    STOPPED,
    /** A part went away; resume once it is back. */
    PAUSED
  }

  /**
   * A step.
   *
   * @param step 1 for the first
   * @param loss mean over the pixels that count
   * @param learningRate of the backbone's group
   */
  public record Point(long step, double loss, double learningRate) {}

  /**
   * An evaluation on the way.
   *
   * @param step steps done before it
   * @param mIoU per prediction, in the order of iterations, 0 to 1
   */
  public record Validation(long step, List<Double> mIoU) {}
}
