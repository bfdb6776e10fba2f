package org.riglab.api.network;

import java.util.List;

/**
 * Position and channels of a gate.
 *
 * @param block the gated block, 1 for B1
 * @param inputChannels channels of the block's input x, which the gate returns modulated
 * @param feedbackChannels channels of each feedback, in the order in which the unroll strategy
 *     passes them: the main feedback first, then any long-range ones
 */
public record GateShape(int block, int inputChannels, List<Integer> feedbackChannels) {
  /**
   * Copies the list.
   *
   * @param block see {@link #block()}
   * @param inputChannels see {@link #inputChannels()}
   * @param feedbackChannels see {@link #feedbackChannels()}
   */
  public GateShape {
    feedbackChannels = List.copyOf(feedbackChannels);
  }

  /**
   * @return channels of the first feedback
   */
  public int mainFeedbackChannels() {
    return feedbackChannels.get(0);
  }
}
