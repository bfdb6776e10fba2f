package org.riglab.core.internal.network;

import ai.djl.ndarray.NDArray;

/** Is shown maps by name while a network runs; see {@link org.riglab.api.bench.Bench#predict}. */
interface Tap {
  /** The key under which a tap travels in the parameters of a forward call. */
  String KEY = "tap";

  /** Whether a map is worth making. */
  boolean wants(String name);

  /** Shows a map (N, C, H, W); it belongs to the image's manager. */
  void take(String name, NDArray map);
}
