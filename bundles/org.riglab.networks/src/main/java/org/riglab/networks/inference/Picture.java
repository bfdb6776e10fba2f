package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** An image of which parts are made when they are needed. */
public interface Picture {
  /**
   * @return in pixels
   */
  int height();

  /**
   * @return in pixels
   */
  int width();

  /**
   * @param manager of the array
   * @param top first row
   * @param left first column
   * @param rows how many
   * @param columns how many
   * @return (N, 3, rows, columns), normalised; an array of its own
   */
  NDArray crop(NDManager manager, int top, int left, int rows, int columns);
}
