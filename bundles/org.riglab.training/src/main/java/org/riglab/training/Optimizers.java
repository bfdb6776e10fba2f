package org.riglab.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.osgi.annotation.versioning.ProviderType;

/** The optimisers of the trainer, for checks of their arithmetic. Thread safe. */
@ProviderType
public interface Optimizers {
  /**
   * Stochastic gradient descent as {@code torch.optim.SGD}.
   *
   * @param device where the parameters are
   * @param momentum 0 to 1
   * @return close it
   */
  Updates sgd(Device device, double momentum);

  /** An optimiser and its state. Not thread safe. */
  @ProviderType
  interface Updates extends AutoCloseable {
    /**
     * Changes the parameters that have a gradient, then sets their gradients to zero. Grad mode is
     * off in the calling thread.
     *
     * @param state parameters by name
     * @param manager owner of what the step makes
     * @param groups the group of a parameter, by its name
     * @param gradients is shown every gradient by its parameter's name before the step
     */
    void step(
        Map<String, Parameter> state,
        NDManager manager,
        Function<String, Group> groups,
        BiConsumer<String, NDArray> gradients);

    @Override
    void close();
  }

  /**
   * How a parameter is updated, as a parameter group of {@code torch.optim}.
   *
   * @param rate learning rate
   * @param weightDecay 0 or more
   */
  record Group(double rate, double weightDecay) {}
}
