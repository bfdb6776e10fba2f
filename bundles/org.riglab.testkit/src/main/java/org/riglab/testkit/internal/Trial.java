package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.Map;

/** Something with parameters that computes arrays from arrays; of use while its probe lends it. */
interface Trial {
  /** Hands out the parameters themselves. */
  ParameterStore STORE =
      new ParameterStore() {
        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
          return parameter == null ? null : parameter.getArray();
        }
      };

  /** Owner of the parameters; make a sub manager per step. */
  NDManager manager();

  /** Parameters by name. */
  Map<String, Parameter> state();

  /** Runs it; what the part throws becomes a sentence. */
  NDList forward(boolean training, NDArray... inputs);

  /** The parameters that learn. */
  default Map<String, Parameter> learning() {
    Map<String, Parameter> learning = new LinkedHashMap<>(state());
    learning.values().removeIf(parameter -> !parameter.requiresGradient());
    return learning;
  }

  /** Moves every parameter that learns away from special values such as zeros. */
  default void stir() {
    stir(0);
  }

  /**
   * As {@link #stir()}, to other places. Each draw but the first changes all signs: a hidden unit
   * that is dead for one is not for the other.
   *
   * @param draw 0 for a place nearby
   */
  default void stir(int draw) {
    without(
        () -> {
          long seed = 1000L * (draw + 1);
          for (Parameter parameter : learning().values()) {
            NDArray value = parameter.getArray();
            try (NDArray noise =
                    Numbers.normal(
                        manager(), value.getDataType(), seed++, value.getShape().getShape());
                NDArray small = noise.mul(0.05f)) {
              if (draw > 0) {
                value.negi();
              }
              value.addi(small);
            }
          }
          return null;
        });
  }

  /** Computes without gradients. */
  static <T> T without(Broken.Call<T> body) {
    return grad(false, body);
  }

  /** Computes with gradients. */
  static <T> T with(Broken.Call<T> body) {
    return grad(true, body);
  }

  private static <T> T grad(boolean on, Broken.Call<T> body) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(on);
    try {
      return Broken.unless("it", body);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Goes back from a number. */
  static void backward(NDArray loss) {
    try (NDArray one = loss.onesLike()) {
      JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
    }
  }

  /** The gradient of an array's values; null if none has reached it. */
  static double[] gradient(NDArray array) {
    PtNDArray gradient = JniUtils.getGradient((PtNDArray) array);
    if (gradient == null) {
      return null;
    }
    try (gradient) {
      return Numbers.values(gradient);
    }
  }

  /** Forgets the gradient of an array. */
  static void clear(NDArray array) {
    PtNDArray gradient = JniUtils.getGradient((PtNDArray) array);
    if (gradient != null) {
      gradient.close();
      JniUtils.zeroGrad((PtNDArray) array);
    }
  }
}
