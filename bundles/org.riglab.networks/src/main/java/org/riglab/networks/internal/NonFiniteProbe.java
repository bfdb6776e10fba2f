package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.riglab.networks.ActivationListener;

/** Finds the first map, in the order of computation, that holds NaN or infinity. */
final class NonFiniteProbe implements ActivationListener {
  private String first;

  @Override
  public boolean wants(String name) {
    return first == null && !name.startsWith("gate.");
  }

  @Override
  public void take(String name, NDArray map) {
    if (!finite(map)) {
      first = name;
    }
  }

  /** NaN and infinity are the only numbers whose product with zero is not zero. */
  static boolean finite(NDArray array) {
    return array.mul(0).sum().getFloat() == 0;
  }

  Optional<String> first() {
    return Optional.ofNullable(first);
  }
}
