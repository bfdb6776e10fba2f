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
 * @param extraOutputs meaning of outputs of the network beyond the classes of the data set
 */
public record EvalSpec(
    String network,
    @Setting(about = "PART: the data set; empty for that of the last training") PartSpec dataset,
    @Setting(about = "DIR: its directory; none for data sets made on the fly") String data,
    @Setting(about = "SPLIT: to evaluate; empty for the data set's second") String split,
    @Setting(about = "evaluate the first so many images; 0 for all") int limit,
    @Setting(about = "HxW: of every image; empty for that of the last training")
        List<Integer> resize,
    @Setting(about = "size at which predictions are compared where images are resized")
        Scoring scoring,
    @Setting(about = "A,B,...: factors on the size, whose predictions are averaged")
        List<Double> scales,
    @Setting(about = "average with the prediction of the mirrored image") boolean flip,
    @Setting(about = "HxW: of a sliding window; empty for whole images") List<Integer> window,
    @Setting(about = "of neighbouring windows, as a share of the window") double overlap,
    @Setting(
            about =
                "A,B,...: of the network's own multi-scale input; empty for those of the training")
        List<Double> inputScales,
    @Setting(about = "of the network; 0 for those of its spec") int iterations,
    @Setting(about = "MS: time for an image, in milliseconds; 0 for none") double budgetMs,
    @Setting(about = "GMAC: multiply-adds for an image; 0 for none") double budgetGmac,
    @Setting(about = "rule by which iterations end early; empty for none") String until,
    @Setting(about = "whether the cost of each iteration is measured") boolean cost,
    @Setting(about = "whether scores of each image are kept") boolean perImage,
    @Setting(about = "PART,PART,...: the metrics") List<PartSpec> metrics,
    @Setting(about = "of the native library; 0 to leave them") int threads,
    @Setting(about = "compiled, eager or onnx") Execution execution,
    @Setting(about = "of compiled passes") Precision precision,
    @Setting(about = "DEVICE: auto, cpu, gpu0, gpu1, ...") String device,
    @Setting(about = "meaning of outputs beyond the classes of the data set")
        ExtraOutputs extraOutputs) {

  /**
   * With {@link ExtraOutputs#ERROR}.
   *
   * @param network see {@link #network()}
   * @param dataset see {@link #dataset()}
   * @param data see {@link #data()}
   * @param split see {@link #split()}
   * @param limit see {@link #limit()}
   * @param resize see {@link #resize()}
   * @param scoring see {@link #scoring()}
   * @param scales see {@link #scales()}
   * @param flip see {@link #flip()}
   * @param window see {@link #window()}
   * @param overlap see {@link #overlap()}
   * @param inputScales see {@link #inputScales()}
   * @param iterations see {@link #iterations()}
   * @param budgetMs see {@link #budgetMs()}
   * @param budgetGmac see {@link #budgetGmac()}
   * @param until see {@link #until()}
   * @param cost see {@link #cost()}
   * @param perImage see {@link #perImage()}
   * @param metrics see {@link #metrics()}
   * @param threads see {@link #threads()}
   * @param execution see {@link #execution()}
   * @param precision see {@link #precision()}
   * @param device see {@link #device()}
   */
  public EvalSpec(
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
    this(
        network,
        dataset,
        data,
        split,
        limit,
        resize,
        scoring,
        scales,
        flip,
        window,
        overlap,
        inputScales,
        iterations,
        budgetMs,
        budgetGmac,
        until,
        cost,
        perImage,
        metrics,
        threads,
        execution,
        precision,
        device,
        ExtraOutputs.ERROR);
  }

  /** The meaning of outputs of a network beyond the classes of a data set. */
  public enum ExtraOutputs {
    /** A network with another number of outputs than classes is refused. */
    ERROR,
    /** They are left out of the comparison of logits: the largest of the others is predicted. */
    IGNORE,
    /** A pixel for which one of them has the largest logit is predicted wrong. */
    WRONG
  }

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
