package org.riglab.api.bench;

import java.util.List;

/**
 * A network, completely: with the same bundles, the same spec gives the same weights.
 *
 * @param backbone the feed-forward feature extractor
 * @param head the last block, from features to logits; {@link #OWN_HEAD} for the backbone's own
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
    PartSpec head,
    PartSpec gate,
    PartSpec unroll,
    List<Integer> feedback,
    int iterations,
    int classes,
    BatchNormPolicy batchNorm,
    long seed) {
  /**
   * Stands for the head that the backbone names as its own, {@link
   * org.riglab.api.network.Backbone#head}. The spec of an assembled network names the head itself.
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
