package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import org.riglab.networks.engine.Kernels;
import org.riglab.nn.Functional;

/**
 * Keeps small gradients from vanishing in float16, as {@code torch.amp.GradScaler}: the loss is
 * multiplied by a scale and the gradients are divided by it. Where a gradient overflows, there is
 * no update and the scale is halved; after 2000 updates in a row it is doubled. The scale and the
 * number of steps without an update are part of the optimizer's state, so that a resumed run goes
 * on with them.
 */
final class LossScale {
  private static final String STATE = "loss_scale";
  private static final float FIRST = 65536;
  private static final int STREAK = 2000;

  private final Optimizer optimizer;
  private final Kernels kernels;

  /**
   * @param optimizer keeps the scale
   * @param kernels compute; not closed
   */
  LossScale(Optimizer optimizer, Kernels kernels) {
    this.optimizer = optimizer;
    this.kernels = kernels;
  }

  /** Scale, updates since it last changed, steps without an update. */
  private float[] state() {
    NDArray kept = optimizer.state(STATE);
    if (kept == null) {
      return new float[] {FIRST, 0, 0};
    }
    return Arrays.copyOf(kept.toFloatArray(), 3); // release 0.1 kept two numbers
  }

  private void keep(float scale, float streak, float skipped) {
    NDArray kept = optimizer.state(STATE);
    if (kept != null) {
      kept.close();
    }
    optimizer.keep(STATE, scale, streak, skipped);
  }

  /**
   * @param loss a scalar
   * @return the loss to go back from
   */
  NDArray times(NDArray loss) {
    return Functional.times(loss, state()[0]);
  }

  /**
   * @return steps so far that changed nothing
   */
  long skipped() {
    return (long) state()[2];
  }

  /**
   * Brings gradients back to size.
   *
   * @param gradients of the multiplied loss, changed in place
   * @return whether all are finite; if not, they are of no use
   */
  boolean unscale(Gradients gradients) {
    float[] state = state();
    List<? extends NDArray> arrays =
        gradients.entries().stream().map(Gradients.Entry::gradient).toList();
    boolean finite = kernels.unscale(1 / state[0], arrays);
    if (!finite) {
      keep(state[0] / 2, 0, state[2] + 1);
    } else if (state[1] + 1 < STREAK) {
      keep(state[0], state[1] + 1, state[2]);
    } else {
      keep(state[0] * 2, 0, state[2]);
    }
    return finite;
  }
}
