package org.riglab.api.network;

import ai.djl.nn.Block;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * A gate modulates the input of a block by feedback from an earlier iteration (Karim et al., WACV
 * 2019, Eq. 1).
 */
@ConsumerType
public interface Gate extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "gate";

  /**
   * Creates one new, uninitialised gate block. Called once per gated block; the block's parameters
   * are shared by all iterations. Its parameters are named {@code gates.K.NAME}.
   *
   * @param shape position and channels of the gate
   * @param options see {@link #options()}
   * @return a block whose forward maps {@code NDList(x, feedback...)} to {@code NDList(gated x)}: x
   *     (N, C, H, W), feedback i (N, C_i, H_i, W_i) of any size, the result of x's shape
   */
  Block create(GateShape shape, Options options);
}
