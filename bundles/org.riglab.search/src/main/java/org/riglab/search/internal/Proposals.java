package org.riglab.search.internal;

import java.util.List;

/** Chooses the next configurations of a search, from what is known of those before. */
interface Proposals {
  /**
   * @param trials all so far, in order; those that have ended have a fitness
   * @param most largest number of new ones
   * @return new points, none of which has the values of an earlier trial; empty if the method needs
   *     more results first, or there are no others
   */
  List<double[]> next(List<TrialState> trials, int most);
}
