package org.riglab.api.network;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * Computes logits from the features of a backbone. A head is the last block of a network, Bn, where
 * n-1 is the number of stages of the backbone. Like any block it is run by unroll strategies, its
 * input can be gated, and its output can be fed back.
 */
@ConsumerType
public interface Head extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "head";

  /** The prefix of the names of a head's parameters in the state dict. */
  String PREFIX = "classifier.";

  /**
   * Selects features of earlier stages that the head receives in addition to the last one. The
   * network passes them to the head as they were computed; later gates do not change them.
   *
   * @param shape stages of the backbone and number of classes
   * @param options see {@link #options()}
   * @return block numbers, 1 for B1, ascending, each less than the number of stages; empty by
   *     default
   * @throws org.riglab.api.RigException if a stage that this head requires is missing; the message
   *     names it
   */
  default List<Integer> skips(HeadShape shape, Options options) {
    return List.of();
  }

  /**
   * Creates a new, uninitialised block. Called once per network.
   *
   * @param shape stages of the backbone and number of classes
   * @param options see {@link #options()}
   * @return a stage that maps {@code NDList(feature, skips...)} to {@code NDList(logits)}: the
   *     feature of the last stage and those of {@link #skips}, in that order, each (N, C_i, H_i,
   *     W_i), to logits (N, classes, H, W) at the stage's stride. The names of its parameters start
   *     with {@link #PREFIX}
   * @throws org.riglab.api.RigException if a stage that this head requires is missing; the message
   *     names it
   */
  Stage stage(HeadShape shape, Options options);
}
