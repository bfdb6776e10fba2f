package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.networks.engine.Kernels;
import org.riglab.tensors.HostTensor;
import org.riglab.training.Optimizers.Group;

/**
 * Changes parameters in place by their gradients, in single precision and to PyTorch's formulas.
 * Its state is kept by parameter name, so that it outlives the parameters' arrays. Grad mode must
 * be off in the calling thread.
 */
abstract sealed class Optimizer implements AutoCloseable permits Sgd, AdamW {
  private final NDManager manager;
  private final Kernels kernels;
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private final Verdict fine;

  /**
   * @param engine the engine
   * @param kernels compute; not closed
   * @param device where the parameters are
   */
  Optimizer(Engine engine, Kernels kernels, Device device) {
    this.manager = engine.newBaseManager(device);
    this.kernels = kernels;
    this.fine = new Verdict(manager.zeros(new Shape(1)), manager.zeros(new Shape()));
  }

  /** The verdict on a step that is an update like all before. */
  final Verdict fine() {
    return fine;
  }

  /**
   * What the device knows of a step.
   *
   * @param flag (1), 1 if the step must not change anything, else 0
   * @param skipped a scalar: steps before that were no updates
   */
  record Verdict(NDArray flag, NDArray skipped) {}

  /**
   * Does one step.
   *
   * @param gradients of all parameters
   * @param groups by parameter name
   * @param step 1 for the first update of the run
   */
  final void step(Gradients gradients, Function<String, Group> groups, long step) {
    step(gradients, groups, step, fine);
  }

  /**
   * Does one step if it is fine.
   *
   * @param gradients of all parameters
   * @param groups by parameter name
   * @param step 1 for the first of the run
   * @param verdict on the step
   */
  final void step(Gradients gradients, Function<String, Group> groups, long step, Verdict verdict) {
    Map<Group, List<Gradients.Entry>> members = new LinkedHashMap<>();
    for (Gradients.Entry entry : gradients.entries()) {
      members.computeIfAbsent(groups.apply(entry.name()), group -> new ArrayList<>()).add(entry);
    }
    members.forEach((group, entries) -> update(entries, group, step, verdict, kernels));
  }

  /**
   * Updates the parameters of a group.
   *
   * @param entries the parameters and their gradients
   * @param group how
   * @param step 1 for the first of the run
   * @param verdict on the step
   * @param kernels compute
   */
  abstract void update(
      List<Gradients.Entry> entries, Group group, long step, Verdict verdict, Kernels kernels);

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
   * Keeps numbers.
   *
   * @param name of the state array
   * @param values of it
   */
  final void keep(String name, float... values) {
    keep(name, manager.create(values));
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
  }

  /**
   * @param arrays by name
   * @return copies on the heap
   */
  static Map<String, HostTensor> values(Map<String, NDArray> arrays) {
    Map<String, HostTensor> values = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) ->
            values.put(name, new HostTensor(list(array.getShape()), array.toFloatArray())));
    return values;
  }

  /**
   * @param shape a shape
   * @return the same as a list
   */
  static List<Long> list(Shape shape) {
    return Arrays.stream(shape.getShape()).boxed().toList();
  }
}
