package org.riglab.core.internal.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;

/**
 * Stochastic gradient descent as {@code torch.optim.SGD}: weight decay is added to the gradient;
 * the momentum buffer starts as the first gradient and does not contain the learning rate.
 */
final class Sgd extends Optimizer {
  private final double momentum;

  /**
   * @param engine the engine
   * @param device where the parameters are
   * @param momentum 0 to 1
   */
  Sgd(Engine engine, Device device, double momentum) {
    super(engine, device);
    this.momentum = momentum;
  }

  @Override
  void update(Gradients.Entry entry, Group group, long step, Scalars scalars) {
    NDArray direction = entry.gradient();
    if (group.weightDecay() != 0) {
      try (NDArray decay = entry.value().mul(scalars.of(group.weightDecay()))) {
        direction.addi(decay);
      }
    }
    if (momentum != 0) {
      String name = "momentum_buffer." + entry.name();
      NDArray buffer = state(name);
      if (buffer == null) {
        direction = keep(name, direction.duplicate());
      } else {
        direction = buffer.muli(scalars.of(momentum)).addi(direction);
      }
    }
    try (NDArray change = direction.mul(scalars.of(group.rate()))) {
      entry.value().subi(change);
    }
  }
}
