package org.riglab.api.bench;

import java.util.List;

/**
 * The complete description of a network: with the same bundles, the same spec results in the same
 * weights.
 *
 * @param backbone the feed-forward feature extractor
 * @param head the last block, from features to logits; {@link #OWN_HEAD} for the backbone's own
 * @param gate the gate at each block in feedback
 * @param unroll the unroll strategy
 * @param feedback the blocks that have a gate, ascending, 1 for B1; may be empty
 * @param iterations u, 1 or more
 * @param classes number of classes, 2 to 255
 * @param batchNorm batch norm policy for blocks that run several times
 * @param seed of the initial weights; each parameter's stream depends on seed and name only
 */
public record NetworkSpec(
    PartSpec backbone,
    PartSpec head,
    PartSpec gate,
    PartSpec unroll,
    List<Integer> feedback,
    int iterations,
    int classes,
    BatchNormPolicy batchNorm,
    long seed) {
  /**
   * Represents the default head of the backbone, {@link org.riglab.api.network.Backbone#head}. The
   * spec of an assembled network contains the name of the head.
   */
  public static final PartSpec OWN_HEAD = PartSpec.of("default");

  /**
   * Sorts and copies the feedback.
   *
   * @param backbone see {@link #backbone()}
   * @param head see {@link #head()}
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

  /**
   * @param other of the same backbone
   * @return this spec with another head
   */
  public NetworkSpec withHead(PartSpec other) {
    return new NetworkSpec(
        backbone, other, gate, unroll, feedback, iterations, classes, batchNorm, seed);
  }

  /** Batch norm policies for blocks that run several times in one pass. */
  public enum BatchNormPolicy {
    /** Shared affine parameters, one set of running statistics per iteration. */
    PER_ITERATION,
    /** One set of running statistics, updated by every application, as in PyTorch. */
    SHARED,
    /** Running statistics are used and not updated, affine parameters are fixed. */
    FROZEN
  }
}
