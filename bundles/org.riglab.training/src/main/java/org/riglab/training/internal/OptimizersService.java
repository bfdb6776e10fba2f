package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Torch;
import org.riglab.training.Optimizers;

/** Hands out the optimisers that {@link Stepper} uses. */
@Component
public final class OptimizersService implements Optimizers {
  @Override
  public Updates sgd(Device device, double momentum) {
    Kernels kernels = new Kernels(device);
    return new Steps(kernels, new Sgd(Torch.engine(), kernels, device, momentum));
  }

  private static final class Steps implements Updates {
    private final Kernels kernels;
    private final Optimizer optimizer;
    private long done;

    Steps(Kernels kernels, Optimizer optimizer) {
      this.kernels = kernels;
      this.optimizer = optimizer;
    }

    @Override
    public void step(
        Map<String, Parameter> state,
        NDManager manager,
        Function<String, Group> groups,
        BiConsumer<String, NDArray> gradients) {
      Gradients all = Gradients.of(state, manager);
      all.entries().forEach(entry -> gradients.accept(entry.name(), entry.gradient()));
      done++;
      optimizer.step(all, groups, done);
      Gradients.zero(state);
    }

    @Override
    public void close() {
      optimizer.close();
      kernels.close();
    }
  }
}
