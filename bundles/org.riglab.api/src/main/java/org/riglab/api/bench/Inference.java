package org.riglab.api.bench;

import java.util.List;

/**
 * Settings of inference. By default an image is processed in one pass, and the class of each pixel
 * is that of the largest logit. With several passes, the logits of every pass are resized to the
 * size of the result and converted to probabilities by softmax; the class is that of the largest
 * mean probability.
 *
 * @param scales scales by which the image is resized, with one pass per scale; {@code [1]} for the
 *     original size
 * @param flip whether there is a second pass per scale, mirrored left to right
 * @param window size (H, W) of a sliding window over the scaled image; empty to process whole
 *     images. The last window of a row or column is moved inwards to end at the border, a window
 *     larger than the image becomes the image, and probabilities are averaged where windows overlap
 * @param overlap smallest overlap of neighbouring windows as a share of the window, 0 or more and
 *     less than 1
 * @param inputScales scales of the network's own multi-scale input, whose logits are combined by
 *     the maximum; empty for those of the training
 * @param stopping number of iterations; conditions need a single pass
 */
public record Inference(
    List<Double> scales,
    boolean flip,
    List<Integer> window,
    double overlap,
    List<Double> inputScales,
    Stopping stopping) {
  /** The default overlap, a third of the window, as in PSPNet's evaluation. */
  public static final double OVERLAP = 1 / 3.0;

  /** One pass of the whole image in its original size. */
  public static final Inference PLAIN =
      new Inference(List.of(1.0), false, List.of(), OVERLAP, List.of());

  /**
   * Copies the lists.
   *
   * @param scales see {@link #scales()}
   * @param flip see {@link #flip()}
   * @param window see {@link #window()}
   * @param overlap see {@link #overlap()}
   * @param inputScales see {@link #inputScales()}
   * @param stopping see {@link #stopping()}
   */
  public Inference {
    scales = List.copyOf(scales);
    window = List.copyOf(window);
    inputScales = List.copyOf(inputScales);
  }

  /**
   * All iterations.
   *
   * @param scales see {@link #scales()}
   * @param flip see {@link #flip()}
   * @param window see {@link #window()}
   * @param overlap see {@link #overlap()}
   * @param inputScales see {@link #inputScales()}
   */
  public Inference(
      List<Double> scales,
      boolean flip,
      List<Integer> window,
      double overlap,
      List<Double> inputScales) {
    this(scales, flip, window, overlap, inputScales, Stopping.NONE);
  }
}
