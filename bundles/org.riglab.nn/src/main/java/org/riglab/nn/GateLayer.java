package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The block of a gate: maps x and feedback to the gated x. A subclass adds the layers that compute
 * a map from the feedback by {@code addChildBlock}, and implements {@link #forward(Context,
 * NDArray, NDList)}.
 */
@ConsumerType
public abstract class GateLayer extends AbstractLayer {
  /** For subclasses. */
  protected GateLayer() {}

  /**
   * Gates x (Karim et al., WACV 2019, Eq. 1).
   *
   * @param context passed on to layers; contains the iteration, 2 or more
   * @param x (N, C, H, W); must not be modified
   * @param feedback one array (N, C_i, H_i, W_i) per feedback, the main one first, of any height
   *     and width; must not be modified
   * @return (N, C, H, W)
   */
  protected abstract NDArray forward(Context context, NDArray x, NDList feedback);

  @Override
  public final NDList forward(Context context, NDList inputs) {
    return new NDList(forward(context, inputs.head(), inputs.subNDList(1)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {inputs[0]};
  }
}
