package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.riglab.networks.engine.HostReads;
import org.riglab.networks.engine.StepKernels;

/**
 * Keeps small gradients from vanishing in float16, as {@code torch.amp.GradScaler}: the loss is
 * multiplied by a scale and the gradients are divided by it. Where a gradient overflows, there is
 * no update and the scale is halved; after 2000 updates in a row it is doubled. The scale and the
 * number of steps without an update are part of the optimizer's state, so that a resumed run goes
 * on with them. All of it remains on the device.
 */
final class LossScale {
  private static final String STATE = "loss_scale";
  private static final float FIRST = 65536;
  private static final int NUMBERS = 3;

  private final Optimizer optimizer;
  private final StepKernels kernels;

  /**
   * @param optimizer keeps the scale
   * @param kernels compute; not closed
   */
  LossScale(Optimizer optimizer, StepKernels kernels) {
    this.optimizer = optimizer;
    this.kernels = kernels;
  }

  /** Scale, updates since it last changed, steps without an update. */
  private NDArray state() {
    NDArray kept = optimizer.state(STATE);
    if (kept == null) {
      optimizer.keep(STATE, FIRST, 0, 0);
    } else if (kept.size() < NUMBERS) { // release 0.1 kept two numbers
      try (kept;
          NDArray none = kept.getManager().zeros(new Shape(NUMBERS - kept.size()))) {
        optimizer.keep(STATE, kept.concat(none, 0));
      }
    }
    return optimizer.state(STATE);
  }

  /**
   * @param loss a scalar
   * @return the loss to go back from
   */
  NDArray times(NDArray loss) {
    return loss.mul(kernels.element(state(), 0, loss.getManager()));
  }

  /**
   * @param owner of the result
   * @return steps so far that changed nothing, a scalar that changes with the state
   */
  NDArray skipped(NDManager owner) {
    return kernels.element(state(), 2, owner);
  }

  /**
   * Brings gradients back to size.
   *
   * @param gradients of the multiplied loss, changed in place
   * @param owner of arrays on the way
   * @return whether all are finite; if not, they are of no use
   */
  boolean unscale(Gradients gradients, NDManager owner) {
    return HostReads.floats(unscale(gradients, optimizer.fine().flag(), owner))[0] == 0;
  }

  /**
   * Brings gradients back to size, without waiting for the device.
   *
   * @param gradients of the multiplied loss, changed in place
   * @param flag whether nothing is to be changed
   * @param owner of the result
   * @return the flag: whether they are of no use
   */
  NDArray unscale(Gradients gradients, NDArray flag, NDManager owner) {
    return kernels.unscale(state(), flag, gradients.arrays(), owner);
  }
}
