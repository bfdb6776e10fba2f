package org.riglab.api.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.network.Stage;

/** Shows networks from within to services that trace, count or export them. Thread safe. */
@ProviderType
public interface Blueprints {
  /**
   * Shows a network. Its parts cannot go away meanwhile.
   *
   * @param <T> of the answer
   * @param network its name
   * @param look what is asked; its answer holds neither blocks nor parameters, nor anything else of
   *     a plugin
   * @return the answer
   * @throws org.riglab.api.RigException if there is no such network, or a part of it is missing
   */
  <T> T show(String network, Function<Blueprint, T> look);

  /** A network from within; of use only while it is shown. */
  @ProviderType
  interface Blueprint {
    /**
     * @return the network's spec
     */
    NetworkSpec spec();

    /**
     * @return the network's blocks, B1 first; the last one is the head
     */
    List<Stage> stages();

    /**
     * @return the gates by the number of the block they stand at
     */
    Map<Integer, Block> gates();

    /**
     * @return every parameter by its name in the state dict, in order
     */
    Map<String, Parameter> state();

    /**
     * Runs the network on arrays of any kind: blocks, gates and unroll strategy ask nothing but
     * these and the store.
     *
     * @param store hands out the parameters' values
     * @param image (N, 3, H, W)
     * @param training as for {@link Block#forward}
     * @param listener is told what runs
     * @return the logits of each prediction at the network's stride
     * @throws org.riglab.api.RigException if a part throws, or returns a wrong shape
     */
    NDList forward(ParameterStore store, NDArray image, boolean training, Listener listener);
  }

  /** Is told which block or gate of a network runs. */
  @ConsumerType
  interface Listener {
    /**
     * @param gate whether it is the block's gate that runs, and not the block
     * @param block 1 for B1
     * @param iteration 1 for the first
     * @param inputs the feature and, for a gate, the feedback; else what is carried along
     */
    void enter(boolean gate, int block, int iteration, NDList inputs);

    /**
     * Ends what was entered last; not called if that threw.
     *
     * @param outputs of the block or gate
     */
    void leave(NDList outputs);
  }
}
