package org.riglab.api.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One forward pass, as an unroll strategy sees it: it calls blocks and gates, in its own order and
 * as often as it likes. Every call says which iteration it belongs to: batch norm statistics, maps
 * asked for by name and error messages go by that number.
 */
@ProviderType
public interface Pass {
  /**
   * @return the number of blocks n
   */
  int blocks();

  /**
   * @return channels of the logits
   */
  int classes();

  /**
   * @return iterations and feedback of the network
   */
  UnrollSpec spec();

  /**
   * @param block 1 for B1
   * @return whether that block has a gate
   */
  boolean gated(int block);

  /**
   * Runs a block.
   *
   * @param block 1 for B1
   * @param iteration 1 for the first
   * @param input the feature (N, C, H, W), then whatever earlier blocks carry along
   * @return the block's output
   */
  NDList block(int block, int iteration, NDList input);

  /**
   * Runs a block's gate on the feature; what is carried along passes unchanged.
   *
   * @param block 1 for B1
   * @param iteration the iteration whose input is gated, 2 or more
   * @param input the block's input: the feature (N, C, H, W), then what is carried along
   * @param feedback one array per {@link GateShape#feedbackChannels()}
   * @return the input with its feature gated
   */
  NDList gate(int block, int iteration, NDList input, NDArray... feedback);

  /**
   * Passes what an earlier iteration says on to a later one, on other ways than through a gate:
   * {@link #gate} does the same with what it is fed. Where back-propagation is truncated to k of u
   * iterations, no gradient flows back through it in iterations up to u-k+1.
   *
   * @param iteration the iteration that is fed, 2 or more
   * @param feedback of any shape
   * @return the same values
   */
  NDArray feedback(int iteration, NDArray feedback);
}
