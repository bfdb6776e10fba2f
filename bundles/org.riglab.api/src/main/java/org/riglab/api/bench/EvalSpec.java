package org.riglab.api.bench;

import java.util.List;

/**
 * An evaluation.
 *
 * @param network name of the network
 * @param dataset the data set
 * @param data its directory; empty for data sets made on the fly
 * @param split split to evaluate on; empty for the data set's second
 * @param limit evaluate on the first so many images only; 0 for all
 * @param resize size (H, W) every image is brought to; empty to leave them
 * @param scoring at which size predictions are compared with labels, where images are resized
 * @param scales see {@link Inference}
 * @param flip see {@link Inference}
 * @param window see {@link Inference}
 * @param overlap see {@link Inference}
 * @param inputScales see {@link Inference}
 * @param metrics the metrics and their options
 * @param threads threads of the native library; 0 to leave them
 * @param execution how passes are run
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
    List<PartSpec> metrics,
    int threads,
    Execution execution,
    Precision precision,
    String device) {

  /** At which size a prediction is compared with its label. */
  public enum Scoring {
    /** The label stays as it is and the logits are brought to its size, as PASCAL VOC asks. */
    ORIGINAL,
    /** The label is resized like the image, to the nearest pixel, as COCO-Stuff 10k asks. */
    WARPED
  }

  /**
   * @return how images are run through the network
   */
  public Inference inference() {
    return new Inference(scales, flip, window, overlap, inputScales);
  }
}
