package org.riglab.search;

import java.util.List;
import java.util.Map;

/**
 * What a search found.
 *
 * @param trials those that are done first, each group from the best to the worst
 * @param importance share of the variance of the scores that a field explains, 0 to 1, the largest
 *     first; NaN with fewer than four trials
 * @param importanceMethod how the importance was computed
 */
public record SearchResult(
    List<Trial> trials, Map<String, Double> importance, String importanceMethod) {
  /** Copies the list. */
  public SearchResult {
    trials = List.copyOf(trials);
  }
}
