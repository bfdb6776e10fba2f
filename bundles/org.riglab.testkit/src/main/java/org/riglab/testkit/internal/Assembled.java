package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.Map;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;

/**
 * A whole network.
 *
 * @param network from within
 */
record Assembled(Blueprint network) implements Trial {
  /** Hears nothing. */
  static final Listener QUIET =
      new Listener() {
        @Override
        public void enter(boolean gate, int block, int iteration, NDList inputs) {
          // nothing to do
        }

        @Override
        public void leave(NDList outputs) {
          // nothing to do
        }
      };

  @Override
  public NDManager manager() {
    return state().values().iterator().next().getArray().getManager();
  }

  @Override
  public Map<String, Parameter> state() {
    return network.state();
  }

  @Override
  public NDList forward(boolean training, NDArray... inputs) {
    return Broken.unless(
        "forward" + (training ? " in training" : ""),
        () -> network.forward(STORE, inputs[0], training, QUIET));
  }
}
