package org.riglab.networks;

import ai.djl.ndarray.NDArray;

/**
 * Receives maps by name while a network runs; {@link org.riglab.api.bench.Predictions#predict}
 * lists the names.
 */
public interface ActivationListener {
  /**
   * @param name of a map
   * @return whether it is worth computing
   */
  boolean wants(String name);

  /**
   * @param name of a map that was wanted
   * @param map (N, C, H, W); it belongs to the image's manager
   */
  void take(String name, NDArray map);
}
