package org.riglab.api.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One forward pass, from the view of an unroll strategy, which calls blocks and gates in any order
 * and any number of times. Every call has the number of its iteration, which selects batch norm
 * statistics and is used in names of maps and in error messages.
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
   * @param input the feature (N, C, H, W), then the features carried by earlier blocks
   * @return the block's output
   */
  NDList block(int block, int iteration, NDList input);

  /**
   * Runs the gate of a block on the feature; carried features are passed on unchanged.
   *
   * @param block 1 for B1
   * @param iteration the iteration whose input is gated, 2 or more
   * @param input the block's input: the feature (N, C, H, W), then carried features
   * @param feedback one array per {@link GateShape#feedbackChannels()}
   * @return the input with its feature gated
   */
  NDList gate(int block, int iteration, NDList input, NDArray... feedback);

  /**
   * Passes values of an earlier iteration to a later one in other ways than through a gate; {@link
   * #gate} does the same with its feedback. If back-propagation is truncated to k of u iterations,
   * the values are detached in iterations up to u-k+1.
   *
   * @param iteration the iteration that receives the values, 2 or more
   * @param feedback of any shape
   * @return the same values
   */
  NDArray feedback(int iteration, NDArray feedback);

  /**
   * Asks whether to run the next iteration. A strategy with a prediction per iteration calls it
   * after each prediction except the last, and returns the predictions that it has if the answer is
   * no. The answer is no in evaluation only, if a budget is used up or the prediction is stable.
   *
   * @param iteration the iteration that is complete, 1 or more
   * @param logits its logits (N, C, H, W)
   * @return whether to go on; always true in training and while a network is traced
   */
  boolean more(int iteration, NDArray logits);
}
