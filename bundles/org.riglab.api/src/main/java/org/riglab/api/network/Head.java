package org.riglab.api.network;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * Turns the features of a backbone into logits. It is the last block of a network, Bn, where n-1 is
 * the number of the backbone's stages: unroll strategies run it, gates stand at its input, and its
 * output can be fed back like any block's.
 */
@ConsumerType
public interface Head extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "head";

  /** What the names of a head's parameters start with in the state dict. */
  String PREFIX = "classifier.";

  /**
   * Chooses features of earlier stages that the head is given beside the last one. The network
   * carries them to the head as they are where they are computed: gates behind them do not change
   * them.
   *
   * @param shape what the network feeds in and wants out
   * @param options see {@link #options()}
   * @return block numbers, 1 for B1, ascending, each less than the number of stages; empty by
   *     default
   * @throws org.riglab.api.RigException if the stages do not have what this head needs; says what
   */
  default List<Integer> skips(HeadShape shape, Options options) {
    return List.of();
  }

  /**
   * Creates the head's block, fresh and uninitialised. Called once per network.
   *
   * @param shape what the network feeds in and wants out
   * @param options see {@link #options()}
   * @return a stage that maps {@code NDList(feature, skips...)} to {@code NDList(logits)}: the
   *     feature of the last stage and those of {@link #skips}, in that order, each (N, C_i, H_i,
   *     W_i), to logits (N, classes, H, W) at the stage's stride. The names of its parameters start
   *     with {@link #PREFIX}
   * @throws org.riglab.api.RigException if the stages do not have what this head needs; says what
   */
  Stage stage(HeadShape shape, Options options);
}
