package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.riglab.api.bench.SideBySide.Difference;
import org.riglab.api.data.Dataset;

/** Counts where two answers to the same images differ. */
final class Differences {
  private final List<Difference> images = new ArrayList<>();
  private long counted;
  private long differing;

  /**
   * Adds an image.
   *
   * @param id of the image
   * @param truth its label; void does not count
   * @param first one answer, of the label's size
   * @param second the other
   */
  void add(String id, byte[] truth, byte[] first, byte[] second) {
    long count = 0;
    long differ = 0;
    long firstRight = 0;
    long secondRight = 0;
    for (int i = 0; i < truth.length; i++) {
      if ((truth[i] & 0xff) != Dataset.VOID) {
        count++;
        differ += first[i] == second[i] ? 0 : 1;
        firstRight += first[i] == truth[i] ? 1 : 0;
        secondRight += second[i] == truth[i] ? 1 : 0;
      }
    }
    counted += count;
    differing += differ;
    if (differ > 0) {
      double all = count;
      images.add(new Difference(id, differ / all, firstRight / all, secondRight / all));
    }
  }

  double share() {
    return counted == 0 ? Double.NaN : differing / (double) counted;
  }

  /** The images that differ most; of those that differ as much the one that came first. */
  List<Difference> most(int limit) {
    return images.stream()
        .sorted(Comparator.comparingDouble(Difference::share).reversed())
        .limit(limit)
        .toList();
  }
}
