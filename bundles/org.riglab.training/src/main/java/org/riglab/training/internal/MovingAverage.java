package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;

/**
 * The exponential moving average of a network's weights and running statistics, as {@code
 * torch.optim.swa_utils.AveragedModel} with {@code get_ema_multi_avg_fn(decay)} and {@code
 * use_buffers=True}: it starts as a copy after the first step; after each further one it becomes
 * {@code decay * average + (1 - decay) * weights}. Grad mode must be off in the calling thread.
 */
final class MovingAverage implements AutoCloseable {
  private static final NDIndex ALL = new NDIndex("...");

  private final double decay;
  private final Kernels kernels;
  private final NDManager manager;
  private final Map<String, NDArray> averages = new LinkedHashMap<>();

  /**
   * @param decay share of the average that stays, 0 to less than 1
   * @param kernels compute; not closed
   * @param device where the weights are
   */
  MovingAverage(double decay, Kernels kernels, Device device) {
    this.decay = decay;
    this.kernels = kernels;
    this.manager = Torch.newManager(device);
  }

  /**
   * Takes in the weights after a step.
   *
   * @param state every parameter by name
   */
  void update(Map<String, Parameter> state) {
    update(state, kernels::lerp);
  }

  /** Moves arrays towards others by a share. */
  interface Lerp {
    /** See {@link Kernels#lerp}. */
    void apply(double share, List<NDArray> from, List<NDArray> to);
  }

  /**
   * Takes in the weights after a step.
   *
   * @param state every parameter by name
   * @param lerp moves the averages
   */
  void update(Map<String, Parameter> state, Lerp lerp) {
    if (averages.isEmpty()) {
      state.forEach((name, parameter) -> keep(name, parameter.getArray().duplicate()));
      return;
    }
    List<NDArray> means = new ArrayList<>();
    List<NDArray> values = new ArrayList<>();
    state.forEach(
        (name, parameter) -> {
          means.add(averages.get(name));
          values.add(parameter.getArray());
        });
    lerp.apply(1 - decay, means, values);
  }

  private void keep(String name, NDArray array) {
    array.attach(manager);
    averages.put(name, array);
  }

  /**
   * Runs something with the average in place of the weights.
   *
   * @param state every parameter by name; its values are the same to the bit afterwards
   * @param body is run
   * @param <T> of the result
   * @return the result
   */
  <T> T within(Map<String, Parameter> state, Supplier<T> body) {
    exchange(state);
    try {
      return body.get();
    } finally {
      exchange(state);
    }
  }

  private void exchange(Map<String, Parameter> state) {
    averages.forEach(
        (name, average) -> {
          NDArray value = state.get(name).getArray();
          try (NDArray before = value.duplicate()) {
            value.set(ALL, average);
            average.set(ALL, before);
          }
        });
  }

  /**
   * @return the averages by parameter; empty before the first step
   */
  Map<String, NDArray> averages() {
    return Collections.unmodifiableMap(averages);
  }

  /**
   * Replaces the averages.
   *
   * @param values by parameter
   */
  void load(Map<String, HostTensor> values) {
    averages.values().forEach(NDArray::close);
    averages.clear();
    values.forEach(
        (name, tensor) -> {
          try (NDArray shared = manager.create(tensor.values(), new Shape(tensor.shape()))) {
            keep(name, shared.duplicate());
          }
        });
  }

  @Override
  public void close() {
    manager.close();
  }
}
