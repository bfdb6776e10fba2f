package org.riglab.core.internal.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;

/** Adam with decoupled weight decay, as {@code torch.optim.AdamW}; eps is 1e-8. */
final class AdamW extends Optimizer {
  private static final double EPS = 1e-8;

  private final double beta1;
  private final double beta2;

  /**
   * @param engine the engine
   * @param device where the parameters are
   * @param beta1 decay of the mean, 0 to 1
   * @param beta2 decay of the mean square, 0 to 1
   */
  AdamW(Engine engine, Device device, double beta1, double beta2) {
    super(engine, device);
    this.beta1 = beta1;
    this.beta2 = beta2;
  }

  @Override
  void update(Gradients.Entry entry, Group group, long step, Scalars scalars) {
    NDArray gradient = entry.gradient();
    entry.value().muli(scalars.of(1 - group.rate() * group.weightDecay()));
    NDArray mean = moment("exp_avg." + entry.name(), gradient).muli(scalars.of(beta1));
    try (NDArray share = gradient.mul(scalars.of(1 - beta1))) {
      mean.addi(share);
    }
    NDArray square = moment("exp_avg_sq." + entry.name(), gradient).muli(scalars.of(beta2));
    try (NDArray share = gradient.square()) {
      square.addi(share.muli(scalars.of(1 - beta2)));
    }
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = 1 - Math.pow(beta2, step);
    try (NDArray root = square.sqrt();
        NDArray change =
            mean.div(root.divi(scalars.of(Math.sqrt(correction2))).addi(scalars.of(EPS)))) {
      entry.value().subi(change.muli(scalars.of(group.rate() / correction1)));
    }
  }

  private NDArray moment(String name, NDArray like) {
    NDArray moment = state(name);
    return moment == null ? keep(name, like.zerosLike()) : moment;
  }
}
