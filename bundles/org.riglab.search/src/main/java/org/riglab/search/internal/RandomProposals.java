package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Uniform and independent coordinates; the same ones for the same seed. */
record RandomProposals(SearchSpace space, long seed) implements Proposals {
  /** Draws in a row that bring no other values: the space is used up, or nearly so. */
  private static final int VAIN = 1000;

  @Override
  public List<double[]> next(List<TrialState> trials, int most) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<Map<String, Object>> seen = new HashSet<>();
    List<double[]> points = new ArrayList<>();
    int vain = 0;
    while (seen.size() < trials.size() + most && vain < VAIN) {
      double[] point = new double[space.fields().size()];
      for (int f = 0; f < point.length; f++) {
        point[f] = random.nextDouble();
      }
      if (!seen.add(space.values(point))) {
        vain++;
        continue;
      }
      vain = 0;
      if (seen.size() > trials.size()) {
        points.add(point);
      }
    }
    return points;
  }
}
