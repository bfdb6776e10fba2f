package org.riglab.api.bench;

import java.util.List;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Scores;

/**
 * Two variants of a network, evaluated on the same images in one pass over them.
 *
 * @param spec of the evaluation
 * @param fingerprint of the split
 * @param classes by label
 * @param images number of evaluated images
 * @param first the first variant
 * @param second the second variant
 * @param differing share of the pixels that are not void for which the predictions differ, 0 to 1;
 *     NaN if all pixels are void
 * @param most the images whose predictions differ most, in descending order
 */
public record SideBySide(
    EvalSpec spec,
    String fingerprint,
    ClassTable classes,
    int images,
    Variant first,
    Variant second,
    double differing,
    List<Difference> most) {
  /**
   * A network with one or more parts exchanged.
   *
   * @param spec of the variant
   * @param parts of the network
   * @param weights origin of the weights, see {@link Networks#swap}; nothing is stored
   * @param iterations scores per prediction, in the order of iterations
   * @param seconds spent on its passes
   */
  public record Variant(
      NetworkSpec spec,
      List<PartInfo> parts,
      WeightTransfer weights,
      List<Scores> iterations,
      double seconds) {
    /**
     * @return the scores of the last iteration, which is the result of the network
     */
    public Scores answer() {
      return iterations.get(iterations.size() - 1);
    }
  }

  /**
   * The difference of the predictions for one image.
   *
   * @param id of the image
   * @param share of its pixels that are not void for which they differ, 0 to 1
   * @param first share of the pixels that are not void that the first variant predicts correctly
   * @param second the same for the second variant
   */
  public record Difference(String id, double share, double first, double second) {}
}
