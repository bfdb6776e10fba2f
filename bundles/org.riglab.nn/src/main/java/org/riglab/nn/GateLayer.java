package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The block of a gate: x and feedback to the gated x. A subclass has the layers that it makes a map
 * of the feedback with, added by {@code addChildBlock}, and the arithmetic in {@link
 * #forward(Context, NDArray, NDList)}.
 */
@ConsumerType
public abstract class GateLayer extends AbstractLayer {
  /** For subclasses. */
  protected GateLayer() {}

  /**
   * Gates x (Karim et al., WACV 2019, Eq. 1).
   *
   * @param context to be passed on to layers; tells the iteration, 2 or more
   * @param x (N, C, H, W); not to be changed
   * @param feedback one array (N, C_i, H_i, W_i) per feedback, the main one first, of any height
   *     and width; not to be changed
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
