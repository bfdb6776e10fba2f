package org.riglab.api.bench;

import java.util.List;

/**
 * Pixel counts of the last prediction for one image, per class. Void pixels are not counted.
 *
 * @param id of the image
 * @param correct pixels of the class that are predicted as this class
 * @param predicted pixels that are predicted as the class
 * @param labelled pixels of the class
 */
public record ImageScore(String id, List<Long> correct, List<Long> predicted, List<Long> labelled) {
  /**
   * @return share of correct pixels, 0 to 1; NaN if all pixels are void
   */
  public double accuracy() {
    return sum(correct) / (double) sum(labelled);
  }

  /**
   * @return mean IoU over the classes whose union is not empty, 0 to 1; NaN if there is none
   */
  public double meanIou() {
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < correct.size(); c++) {
      long union = predicted.get(c) + labelled.get(c) - correct.get(c);
      if (union > 0) {
        sum += correct.get(c) / (double) union;
        classes++;
      }
    }
    return sum / classes;
  }

  private static long sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
