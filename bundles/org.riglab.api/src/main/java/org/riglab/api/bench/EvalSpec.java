package org.riglab.api.bench;

import java.util.List;

/**
 * An evaluation.
 *
 * @param network name of the network
 * @param dataset the data set
 * @param data its directory; empty for generated data sets
 * @param split split to evaluate; empty for the second one of the data set
 * @param limit number of images, from the first; 0 for all
 * @param resize size (H, W) to which images are resized; empty for their original size
 * @param scoring size at which predictions are compared with labels if images are resized
 * @param scales see {@link Inference}
 * @param flip see {@link Inference}
 * @param window see {@link Inference}
 * @param overlap see {@link Inference}
 * @param inputScales see {@link Inference}
 * @param iterations see {@link Stopping}
 * @param budgetMs see {@link Stopping}
 * @param budgetGmac see {@link Stopping}
 * @param until see {@link Stopping}
 * @param cost whether the cost of each prediction is measured, one image at a time
 * @param perImage whether the counts of every image are kept
 * @param metrics the metrics and their options
 * @param threads threads of the native library; 0 for its default
 * @param execution of the passes
 * @param precision of compiled passes
 * @param device auto, cpu, gpu0, gpu1, ...
 */
public record EvalSpec(
    String network,
    PartSpec dataset,
    String data,
    String split,
    int limit,
    List<Integer> resize,
    Scoring scoring,
    List<Double> scales,
    boolean flip,
    List<Integer> window,
    double overlap,
    List<Double> inputScales,
    int iterations,
    double budgetMs,
    double budgetGmac,
    String until,
    boolean cost,
    boolean perImage,
    List<PartSpec> metrics,
    int threads,
    Execution execution,
    Precision precision,
    String device) {

  /** The size at which a prediction is compared with its label. */
  public enum Scoring {
    /** The logits are resized to the size of the label, as for PASCAL VOC. */
    ORIGINAL,
    /**
     * The label is resized to the size of the image by nearest neighbour, as for COCO-Stuff 10k.
     */
    WARPED
  }

  /**
   * @return the settings of inference
   */
  public Inference inference() {
    return new Inference(scales, flip, window, overlap, inputScales, stopping());
  }

  /**
   * @return the number of iterations
   */
  public Stopping stopping() {
    return new Stopping(iterations, budgetMs, budgetGmac, until);
  }
}
