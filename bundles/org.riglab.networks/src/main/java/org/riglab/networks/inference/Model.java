package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** A network as inference sees it. */
public interface Model {
  /**
   * @param images (N, 3, H, W), normalised
   * @return logits per prediction (N, C, h, w), owned by the images' manager
   */
  NDList logits(NDArray images);

  /**
   * @param images (N, 3, H, W) whose logits are not finite
   * @return whose fault it is, in words
   */
  String blame(NDArray images);
}
