package org.riglab.api.bench;

import java.util.List;

/**
 * How an image is run through a network. Plainly, it goes through once and the largest logit of
 * each pixel wins. Where it goes through several times, every pass is brought to the size of the
 * answer, turned into probabilities by softmax, and the mean over all passes is compared.
 *
 * @param scales the image is resized by each of these and runs through once per scale; {@code [1]}
 *     to leave it
 * @param flip whether each scale runs a second time, mirrored left to right
 * @param window size (H, W) of a window that slides over the scaled image; empty to run images
 *     whole. The last window of a row or column is moved inwards to end at the border, a window
 *     larger than the image becomes the image, and probabilities are averaged where windows overlap
 * @param overlap least share of a window that its neighbour covers too, 0 or more and below 1
 * @param inputScales scales of the network's own multi-scale input, whose logits are joined by
 *     their maximum; empty for those it was trained with
 */
public record Inference(
    List<Double> scales,
    boolean flip,
    List<Integer> window,
    double overlap,
    List<Double> inputScales) {
  /** Neighbouring windows share a third, as in PSPNet's evaluation. */
  public static final double OVERLAP = 1 / 3.0;

  /** Once, whole, as it is. */
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
   */
  public Inference {
    scales = List.copyOf(scales);
    window = List.copyOf(window);
    inputScales = List.copyOf(inputScales);
  }
}
