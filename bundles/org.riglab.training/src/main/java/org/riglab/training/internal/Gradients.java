package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.riglab.networks.engine.Kernels;

/**
 * The gradients of a network's trainable parameters. The engine keeps a gradient with its parameter
 * and adds to it at every backward pass.
 *
 * @param entries the parameters that have a gradient, in the order of the state dict
 */
record Gradients(List<Entry> entries) {

  /**
   * A parameter and its gradient.
   *
   * @param name in the state dict
   * @param value of the parameter
   * @param gradient of the same shape; it is the engine's own array, not a copy
   */
  record Entry(String name, PtNDArray value, PtNDArray gradient) {}

  /**
   * @param state parameters by name
   * @param manager owner of the handles to the gradients
   * @return the gradients of those that are trained and took part in a backward pass
   */
  static Gradients of(Map<String, Parameter> state, NDManager manager) {
    List<Entry> entries = new ArrayList<>();
    state.forEach(
        (name, parameter) -> {
          if (parameter.requiresGradient()) {
            PtNDArray value = (PtNDArray) parameter.getArray();
            PtNDArray gradient = JniUtils.getGradient(value);
            if (gradient != null) {
              gradient.attach(manager);
              entries.add(new Entry(name, value, gradient));
            }
          }
        });
    return new Gradients(entries);
  }

  /**
   * Sets all gradients to zero.
   *
   * @param state parameters by name
   */
  static void zero(Map<String, Parameter> state) {
    for (Parameter parameter : state.values()) {
      if (parameter.requiresGradient()) {
        JniUtils.zeroGrad((PtNDArray) parameter.getArray());
      }
    }
  }

  /**
   * Turns negative zeros into zeros. The first backward pass of a process stores a gradient, later
   * ones add it to zero: only then are both the same to the last bit.
   */
  void normaliseZeros() {
    for (Entry entry : entries) {
      entry.gradient().addi(0f);
    }
  }

  /**
   * Scales all gradients so that their norm together is at most a limit, as {@code
   * torch.nn.utils.clip_grad_norm_} does.
   *
   * @param limit largest norm
   * @param kernels compute
   * @return the norm before, a scalar
   */
  NDArray clip(double limit, Kernels kernels) {
    return kernels.clip(limit, arrays());
  }

  /** The gradients themselves, in order. */
  List<PtNDArray> arrays() {
    return entries.stream().map(Entry::gradient).toList();
  }
}
