package org.riglab.networks;

import ai.djl.ndarray.NDArray;

/** Replaces the feedback of gates, for example to solve for a fixed point. */
@FunctionalInterface
public interface FeedbackFilter {
  /**
   * @param block the gated block
   * @param iteration whose input is gated, 2 or more
   * @param feedback what the strategy feeds to the gate
   * @return as many arrays of the same shapes
   */
  NDArray[] apply(int block, int iteration, NDArray... feedback);
}
