package org.riglab.api.bench;

import java.util.List;

/**
 * A network, completely: with the same bundles, the same spec gives the same weights.
 *
 * @param backbone the feed-forward network
 * @param gate the gate at each block in feedback
 * @param unroll the unroll strategy
 * @param feedback the blocks that have a gate, ascending, 1 for B1; may be empty
 * @param iterations u, 1 or more
 * @param classes number of classes, 2 to 255
 * @param batchNorm what batch norm does under recurrence
 * @param seed of the initial weights; each parameter's stream depends on seed and name only
 */
public record NetworkSpec(
    PartSpec backbone,
    PartSpec gate,
    PartSpec unroll,
    List<Integer> feedback,
    int iterations,
    int classes,
    BatchNormPolicy batchNorm,
    long seed) {
  /**
   * Sorts and copies the feedback.
   *
   * @param backbone see {@link #backbone()}
   * @param gate see {@link #gate()}
   * @param unroll see {@link #unroll()}
   * @param feedback see {@link #feedback()}
   * @param iterations see {@link #iterations()}
   * @param classes see {@link #classes()}
   * @param batchNorm see {@link #batchNorm()}
   * @param seed see {@link #seed()}
   */
  public NetworkSpec {
    feedback = feedback.stream().sorted().distinct().toList();
  }

  /** What batch norm does where a block runs several times in one pass. */
  public enum BatchNormPolicy {
    /** Shared affine parameters, one set of running statistics per iteration. */
    PER_ITERATION,
    /** One set of running statistics, updated by every application: what plain PyTorch does. */
    SHARED,
    /** Running statistics used and left alone, affine parameters fixed. */
    FROZEN
  }
}
