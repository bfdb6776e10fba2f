package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.networks.engine.Kernels;
import org.riglab.training.Optimizers.Group;

/**
 * Stochastic gradient descent as {@code torch.optim.SGD}: weight decay is added to the gradient;
 * the momentum buffer starts as the first gradient and does not contain the learning rate.
 */
final class Sgd extends Optimizer {
  private final double momentum;

  /**
   * @param engine the engine
   * @param kernels compute; not closed
   * @param device where the parameters are
   * @param momentum 0 to 1
   */
  Sgd(Engine engine, Kernels kernels, Device device, double momentum) {
    super(engine, kernels, device);
    this.momentum = momentum;
  }

  @Override
  void update(
      List<Gradients.Entry> entries, Group group, long step, Verdict verdict, Kernels kernels) {
    Map<Boolean, List<Gradients.Entry>> fresh =
        entries.stream()
            .collect(Collectors.partitioningBy(entry -> momentum != 0 && buffer(entry) == null));
    fresh.forEach(
        (first, some) -> {
          // the kernel makes the first gradient the buffer
          if (first) {
            some.forEach(entry -> keep(name(entry), entry.gradient().zerosLike()));
          }
          if (!some.isEmpty()) {
            kernels.sgd(
                first,
                group.rate(),
                momentum,
                group.weightDecay(),
                some.stream().map(Gradients.Entry::value).toList(),
                some.stream().map(Gradients.Entry::gradient).toList(),
                momentum == 0 ? List.of() : some.stream().map(this::buffer).toList(),
                verdict.flag());
          }
        });
  }

  private static String name(Gradients.Entry entry) {
    return "momentum_buffer." + entry.name();
  }

  private NDArray buffer(Gradients.Entry entry) {
    return state(name(entry));
  }
}
