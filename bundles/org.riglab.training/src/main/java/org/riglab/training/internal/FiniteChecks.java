package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.riglab.networks.Session;
import org.riglab.networks.engine.HostReads;
import org.riglab.networks.engine.Kernels;

/** Checks on the host whether gradients and weights are finite. */
final class FiniteChecks {
  /** Up to these an update does not make finite weights infinite. */
  private static final double LARGE_RATE = 10;

  private static final double LARGE_UPDATE = 1e6;

  private final Session session;
  private final Kernels kernels;

  /**
   * @param session the network
   * @param kernels compute; not closed
   */
  FiniteChecks(Session session, Kernels kernels) {
    this.session = session;
    this.kernels = kernels;
  }

  /**
   * @param gradients of a step
   * @return the largest norm of one
   * @throws Stepper.NotFiniteException if one is not finite; names the first block
   */
  double largest(Gradients gradients) {
    double largest = 0;
    float[] norms = kernels.norms(gradients.arrays());
    Set<String> wrong = new HashSet<>();
    for (int i = 0; i < norms.length; i++) {
      largest = Math.max(largest, norms[i]);
      if (!Float.isFinite(norms[i])) {
        wrong.add(gradients.entries().get(i).name());
      }
    }
    if (!wrong.isEmpty()) {
      throw new Stepper.NotFiniteException(
          session.show(network -> FirstNotFinite.of(network, wrong)), OptionalInt.empty(), false);
    }
    return largest;
  }

  /**
   * Checks the weights after an update that may have made one infinite. Reading all weights costs a
   * fifth of a step of a small network. What an ordinary update cannot make infinite is checked by
   * the next loss, and before it is written.
   *
   * @param state every parameter by name
   * @param step of the update
   * @param rate of the update
   * @param largest norm of a gradient
   * @throws Stepper.NotFiniteWeightException if one is not finite
   */
  void requireAfter(Map<String, Parameter> state, long step, double rate, double largest) {
    if (rate > LARGE_RATE || rate * largest > LARGE_UPDATE) {
      require(state, step);
    }
  }

  /**
   * Checks the weights: a rate that is too large makes infinite ones of gradients that are finite
   * still.
   *
   * @param state every parameter by name
   * @param step after which they are looked at
   * @throws Stepper.NotFiniteWeightException if one is not finite
   */
  void require(Map<String, Parameter> state, long step) {
    List<String> names = List.copyOf(state.keySet());
    float[] norms = kernels.norms(names.stream().map(name -> state.get(name).getArray()).toList());
    for (int i = 0; i < norms.length; i++) {
      // The squares of large values may overflow.
      if (!Float.isFinite(norms[i]) && !finite(state.get(names.get(i)).getArray())) {
        throw new Stepper.NotFiniteWeightException(names.get(i), step, List.of());
      }
    }
  }

  /** Whether all logits are finite. */
  static boolean finite(NDList logits) {
    return logits.stream().allMatch(array -> finite(array.stopGradient()));
  }

  private static boolean finite(NDArray array) {
    try (NDArray most = array.abs().max()) {
      return Float.isFinite(HostReads.floats(most)[0]);
    }
  }
}
