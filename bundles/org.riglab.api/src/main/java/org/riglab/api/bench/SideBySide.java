package org.riglab.api.bench;

import java.util.List;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Scores;

/**
 * Two variants of a network, evaluated on the same images in one pass over them.
 *
 * @param spec what was asked for
 * @param fingerprint of the split
 * @param classes by label
 * @param images how many were evaluated
 * @param first one variant
 * @param second the other
 * @param differing share of the pixels that count (not void) for which the answers differ, 0 to 1;
 *     NaN if no pixel counts
 * @param most the images whose answers differ most, that one first
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
   * A network with one part or several exchanged.
   *
   * @param spec of the variant
   * @param parts of the network
   * @param weights what they are made of: see {@link Networks#swap}; nothing is stored
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
     * @return the last iteration's scores: the network's answer
     */
    public Scores answer() {
      return iterations.get(iterations.size() - 1);
    }
  }

  /**
   * How the answers for one image differ.
   *
   * @param id of the image
   * @param share of its pixels that count for which they differ, 0 to 1
   * @param first share of the pixels that count that the first variant has right
   * @param second the same of the second
   */
  public record Difference(String id, double share, double first, double second) {}
}
