package org.riglab.nn;

import ai.djl.training.initializer.Initializer;

/** PyTorch's initialisers. */
public final class Init {
  private Init() {}

  /**
   * @return {@code kaiming_normal_(mode='fan_out', nonlinearity='relu')} for weights (out, in, k,
   *     k)
   */
  public static Initializer kaimingNormalFanOut() {
    return (manager, shape, type) -> {
      double fanOut = (double) shape.get(0) * shape.get(2) * shape.get(3);
      return manager.randomNormal(0, (float) Math.sqrt(2 / fanOut), shape, type);
    };
  }

  /**
   * The default initialiser of PyTorch's convolutions, for weight ({@code
   * kaiming_uniform_(a=sqrt(5))}) and bias: uniform between -1/sqrt(fan_in) and 1/sqrt(fan_in).
   *
   * @param fanIn input channels times kernel area
   * @return the initialiser
   */
  public static Initializer uniformFanIn(int fanIn) {
    float bound = (float) (1 / Math.sqrt(fanIn));
    return (manager, shape, type) -> manager.randomUniform(-bound, bound, shape, type);
  }
}
