package org.riglab.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A search and what it has found so far.
 *
 * @param name of the search
 * @param method {@code random} or {@code evolution}
 * @param metric {@code METRIC[:class][:iteration]}, with {@code -} in front if smaller is better
 * @param asha {@code STEPS[:ETA]} of successive halving; empty for whole trainings
 * @param space the fields in order, with their ranges or choices as written
 * @param result the trials so far and the importance of the fields
 */
public record SearchProgress(
    String name,
    String method,
    String metric,
    String asha,
    Map<String, Object> space,
    SearchResult result) {
  /** Copies the fields in their order. */
  public SearchProgress {
    space = Collections.unmodifiableMap(new LinkedHashMap<>(space));
  }
}
