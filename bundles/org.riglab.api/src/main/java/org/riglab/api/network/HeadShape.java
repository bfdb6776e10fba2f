package org.riglab.api.network;

import java.util.List;

/**
 * The requirements of a network for its head.
 *
 * @param stages the backbone's stages, B1 first
 * @param classes channels of the logits, 1 or more
 */
public record HeadShape(List<Stage> stages, int classes) {
  /**
   * Copies the list.
   *
   * @param stages see {@link #stages()}
   * @param classes see {@link #classes()}
   */
  public HeadShape {
    stages = List.copyOf(stages);
  }

  /**
   * @return the stage whose feature is the head's input
   */
  public Stage last() {
    return stages.get(stages.size() - 1);
  }
}
