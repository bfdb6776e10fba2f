package org.riglab.api.network;

import java.util.List;

/**
 * The requirements of a network for its unroll strategy.
 *
 * @param iterations u, 1 or more
 * @param feedback the blocks that have a gate, ascending, 1 for B1; the paper's {@code <<6 4>>} is
 *     {4, 5, 6}
 */
public record UnrollSpec(int iterations, List<Integer> feedback) {
  /**
   * Sorts and copies the list.
   *
   * @param iterations see {@link #iterations()}
   * @param feedback see {@link #feedback()}
   */
  public UnrollSpec {
    feedback = feedback.stream().sorted().distinct().toList();
  }
}
