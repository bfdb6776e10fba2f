package org.riglab.api.bench;

import java.util.List;

/**
 * The cost of an evaluation.
 *
 * @param used number of predictions that were computed, for each image in order
 * @param multiplyAdds for one image up to each prediction, mean over the images; empty if not
 *     measured or if the network cannot be traced
 * @param meanMultiplyAdds that were computed per image; NaN if {@code multiplyAdds} is empty
 * @param milliseconds for one image up to each prediction, mean over the images for which it was
 *     computed; empty if not measured
 */
public record Cost(
    List<Integer> used,
    List<Double> multiplyAdds,
    double meanMultiplyAdds,
    List<Double> milliseconds) {
  /**
   * @return mean number of predictions per image; NaN without images
   */
  public double meanUsed() {
    return used.stream().mapToInt(Integer::intValue).average().orElse(Double.NaN);
  }
}
