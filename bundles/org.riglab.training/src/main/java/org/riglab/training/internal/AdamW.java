package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;
import org.riglab.networks.engine.Kernels;
import org.riglab.training.Optimizers.Group;

/** Adam with decoupled weight decay, as {@code torch.optim.AdamW}; eps is 1e-8. */
final class AdamW extends Optimizer {
  private static final double EPS = 1e-8;

  private final double beta1;
  private final double beta2;

  /**
   * @param engine the engine
   * @param kernels compute; not closed
   * @param device where the parameters are
   * @param beta1 decay of the mean, 0 to 1
   * @param beta2 decay of the mean square, 0 to 1
   */
  AdamW(Engine engine, Kernels kernels, Device device, double beta1, double beta2) {
    super(engine, kernels, device);
    this.beta1 = beta1;
    this.beta2 = beta2;
  }

  @Override
  void update(
      List<Gradients.Entry> entries, Group group, long step, Verdict verdict, Kernels kernels) {
    List<PtNDArray> values = new ArrayList<>();
    List<PtNDArray> gradients = new ArrayList<>();
    List<NDArray> means = new ArrayList<>();
    List<NDArray> squares = new ArrayList<>();
    for (Gradients.Entry entry : entries) {
      values.add(entry.value());
      gradients.add(entry.gradient());
      means.add(moment("exp_avg." + entry.name(), entry.gradient()));
      squares.add(moment("exp_avg_sq." + entry.name(), entry.gradient()));
    }
    kernels.adamw(
        step,
        group.rate(),
        beta1,
        beta2,
        group.weightDecay(),
        EPS,
        values,
        gradients,
        means,
        squares,
        verdict.skipped(),
        verdict.flag());
  }

  private NDArray moment(String name, NDArray like) {
    NDArray moment = state(name);
    return moment == null ? keep(name, like.zerosLike()) : moment;
  }
}
