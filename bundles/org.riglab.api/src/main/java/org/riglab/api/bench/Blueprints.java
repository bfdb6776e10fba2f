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
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;

/**
 * Gives access to the internals of networks for services that trace, analyse or export them. Thread
 * safe.
 */
@ProviderType
public interface Blueprints {
  /**
   * Passes a network to a function. The parts of the network are leased meanwhile.
   *
   * @param <T> type of the result
   * @param network its name
   * @param look the function; its result must not reference blocks, parameters or other objects of
   *     a plugin
   * @return the result of the function
   * @throws org.riglab.api.RigException if there is no such network, or a part of it is missing
   */
  <T> T show(String network, Function<Blueprint, T> look);

  /** The internals of a network; valid only during the call of the function. */
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
     * @return the sizes of images that the network takes
     */
    ImageSizes sizes();

    /**
     * @return the gates by the number of the gated block
     */
    Map<Integer, Block> gates();

    /**
     * @return every parameter by its name in the state dict, in order
     */
    Map<String, Parameter> state();

    /**
     * Runs the network on any implementation of arrays: blocks, gates and unroll strategy use only
     * the arrays and the store.
     *
     * @param store provides the values of parameters
     * @param image (N, 3, H, W)
     * @param training as for {@link Block#forward}
     * @param listener is notified of each run of a block or gate
     * @return the logits of each prediction at the network's stride
     * @throws org.riglab.api.RigException if a part throws, or returns a wrong shape
     */
    NDList forward(ParameterStore store, NDArray image, boolean training, Listener listener);
  }

  /** Is notified of runs of blocks and gates. */
  @ConsumerType
  interface Listener {
    /**
     * @param gate whether the gate of the block runs, not the block itself
     * @param block 1 for B1
     * @param iteration 1 for the first
     * @param inputs the feature, followed by the feedback for a gate, or by carried features for a
     *     block
     */
    void enter(boolean gate, int block, int iteration, NDList inputs);

    /**
     * Ends the run that was entered last; not called if the run threw an exception.
     *
     * @param outputs of the block or gate
     */
    void leave(NDList outputs);
  }
}
