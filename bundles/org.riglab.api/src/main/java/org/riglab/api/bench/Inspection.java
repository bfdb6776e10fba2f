package org.riglab.api.bench;

import java.util.List;
import java.util.Map;
import org.riglab.api.data.ClassTable;

/**
 * What the iterations of a network do on a split.
 *
 * @param spec of the evaluation
 * @param networkSpec the network at that time
 * @param classes by label
 * @param flips per iteration, the first is empty of changes
 * @param iou per iteration and class, 0 to 1; NaN if the union is empty
 * @param groups accuracy in groups of pixels
 * @param gates values of gate maps, by {@code gate.K.tT}
 * @param residuals per iteration, mean over the images of the norm of the difference to the
 *     previous logits, divided by the norm of the logits; NaN for the first
 * @param images every image, the worst first by mean IoU of the last prediction
 * @param examples the worst images with their maps
 * @param dynamics of each example; empty if the network has no gates
 */
public record Inspection(
    EvalSpec spec,
    NetworkSpec networkSpec,
    ClassTable classes,
    List<Flips> flips,
    List<List<Double>> iou,
    List<Group> groups,
    Map<String, Gate> gates,
    List<Double> residuals,
    List<ImageResult> images,
    List<Example> examples,
    List<Dynamics> dynamics) {
  /**
   * Changes of an iteration to the one before, as shares of the labelled pixels.
   *
   * @param toRight wrong before, right now
   * @param toWrong right before, wrong now
   * @param between two wrong classes
   */
  public record Flips(double toRight, double toWrong, double between) {}

  /**
   * Groups of pixels by a quantity.
   *
   * @param name of the quantity
   * @param unit of its values
   * @param bins ascending
   */
  public record Group(String name, String unit, List<Bin> bins) {}

  /**
   * One group.
   *
   * @param from smallest value
   * @param to upper bound, exclusive; infinite for the last bin
   * @param pixels number of labelled pixels
   * @param accuracy share of correct pixels per iteration; NaN without pixels
   */
  public record Bin(double from, double to, long pixels, List<Double> accuracy) {}

  /**
   * Values of a gate map over the split.
   *
   * @param mean of all values
   * @param deviation of all values
   * @param low smallest value
   * @param high largest value
   * @param dead share of channels whose absolute values stay below 0.05 in all images
   * @param saturated share of values above 0.95 in absolute value
   * @param histogram counts of equal bins from 0 to 1, then of values outside
   */
  public record Gate(
      double mean,
      double deviation,
      double low,
      double high,
      double dead,
      double saturated,
      List<Long> histogram) {}

  /**
   * One image.
   *
   * @param id of the image
   * @param meanIou per iteration
   * @param accuracy per iteration
   */
  public record ImageResult(String id, List<Double> meanIou, List<Double> accuracy) {}

  /**
   * An image with what the network made of it.
   *
   * @param row image, label, predictions and maps: mean and spread over channels of each gate map,
   *     and the class activation map of the most frequent class but the first, per iteration: the
   *     probability of the class at the stride of the logits
   */
  public record Example(Report.Row row) {}

  /**
   * The iterations of a network on one image as a dynamical system.
   *
   * @param id of the image
   * @param plain change per iteration as in {@link Inspection#residuals}, far beyond the trained
   *     iterations
   * @param anderson the same with Anderson acceleration of the feedback
   * @param plainAccuracy share of correct pixels per iteration
   * @param andersonAccuracy the same with Anderson acceleration
   * @param radius estimates of the spectral radius of the feedback map by power iteration, the last
   *     one is the best. Below 1 the iterations converge near the state where it was measured
   */
  public record Dynamics(
      String id,
      List<Double> plain,
      List<Double> anderson,
      List<Double> plainAccuracy,
      List<Double> andersonAccuracy,
      List<Double> radius) {}
}
