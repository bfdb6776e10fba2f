package org.riglab.core.internal.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.core.internal.network.HostTensor;

/**
 * Changes parameters in place by their gradients, in single precision and to PyTorch's formulas.
 * Its state is kept by parameter name, so that it outlives the parameters' arrays. Grad mode must
 * be off in the calling thread.
 */
abstract sealed class Optimizer implements AutoCloseable permits Sgd, AdamW {
  private final NDManager manager;
  private final NDManager cpu;
  private final Map<String, NDArray> state = new LinkedHashMap<>();

  /**
   * @param engine the engine
   * @param device where the parameters are
   */
  Optimizer(Engine engine, Device device) {
    this.manager = engine.newBaseManager(device);
    this.cpu = engine.newBaseManager(Device.cpu());
  }

  /**
   * Does one step.
   *
   * @param gradients of all parameters; used as scratch space
   * @param groups by parameter name
   * @param step 1 for the first step of the run
   */
  final void step(Gradients gradients, Function<String, Group> groups, long step) {
    try (Scalars scalars = new Scalars(cpu.newSubManager())) {
      for (Gradients.Entry entry : gradients.entries()) {
        update(entry, groups.apply(entry.name()), step, scalars);
      }
    }
  }

  /**
   * How a parameter is updated, as a parameter group of {@code torch.optim}.
   *
   * @param rate learning rate
   * @param weightDecay 0 or more
   */
  record Group(double rate, double weightDecay) {}

  /**
   * Updates one parameter.
   *
   * @param entry the parameter; its gradient is scratch space
   * @param group the parameter's group
   * @param step 1 for the first step of the run
   * @param scalars numbers as arrays
   */
  abstract void update(Gradients.Entry entry, Group group, long step, Scalars scalars);

  /**
   * @param name of a state array
   * @return the array; null if there is none yet
   */
  final NDArray state(String name) {
    return state.get(name);
  }

  /**
   * Keeps an array.
   *
   * @param name of the state array
   * @param array its value
   * @return the array
   */
  final NDArray keep(String name, NDArray array) {
    array.attach(manager);
    state.put(name, array);
    return array;
  }

  /**
   * @return the state by name: PyTorch's name of the quantity, then the parameter's, for example
   *     {@code momentum_buffer.classifier.weight}
   */
  final Map<String, NDArray> state() {
    return Collections.unmodifiableMap(state);
  }

  /**
   * Replaces the state.
   *
   * @param values by name, as in {@link #state()}
   */
  final void load(Map<String, HostTensor> values) {
    state.values().forEach(NDArray::close);
    state.clear();
    values.forEach(
        (name, tensor) -> {
          // The array shares memory with a Java buffer; the copy is the engine's own, aligned as
          // the engine likes it.
          try (NDArray shared = manager.create(tensor.values(), new Shape(tensor.shape()))) {
            state.put(name, shared.duplicate());
          }
        });
  }

  @Override
  public void close() {
    manager.close();
    cpu.close();
  }

  /** Numbers as zero-dimensional arrays on the host, one per value and step. */
  static final class Scalars implements AutoCloseable {
    private final NDManager manager;
    private final Map<Double, NDArray> arrays = new LinkedHashMap<>();

    Scalars(NDManager manager) {
      this.manager = manager;
    }

    /** Doubles do not widen the float32 arrays that they are combined with. */
    NDArray of(double value) {
      return arrays.computeIfAbsent(value, manager::create);
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  /**
   * @param shape a shape
   * @return the same as a list
   */
  static List<Long> list(Shape shape) {
    return Arrays.stream(shape.getShape()).boxed().toList();
  }
}
