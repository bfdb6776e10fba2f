package org.riglab.api.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * Defines the order in which blocks run, and the feedback of the gates. A strategy has no
 * parameters: exchanging it keeps all weights that both strategies use.
 */
@ConsumerType
public interface Unroll extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "unroll";

  /**
   * Returns the feedback of a network whose spec names none. A strategy that feeds nothing back to
   * single blocks returns no block; a spec that asks for feedback is then refused.
   *
   * @return blocks, 1 for B1; by default the last three of a ResNet, 4 to 6
   */
  default List<Integer> defaultFeedback() {
    return List.of(4, 5, 6);
  }

  /**
   * @return the iterations of a network whose spec does not name their number, 1 or more; by
   *     default 2
   */
  default int defaultIterations() {
    return 2;
  }

  /**
   * @param spec iterations and feedback of the network
   * @param classes channels of the logits
   * @param options see {@link #options()}
   * @return channels of the first block's input; 3 unless predictions are appended to the image
   */
  default int inputChannels(UnrollSpec spec, int classes, Options options) {
    return 3;
  }

  /**
   * Plans the gates. By default there is one gate per block in the spec's feedback, and its
   * feedback is the output of that block.
   *
   * @param spec iterations and feedback of the network
   * @param stages the network's blocks, B1 first; the last one is the head
   * @param options see {@link #options()}
   * @return one shape per gate, at most one per block
   */
  default List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    return spec.feedback().stream()
        .map(
            k ->
                new GateShape(
                    k,
                    stages.get(k - 1).inputChannels(),
                    List.of(stages.get(k - 1).outputChannels())))
        .toList();
  }

  /**
   * Returns how many times a block runs in one pass. With batch norm statistics per iteration, it
   * is the number of sets of statistics.
   *
   * @param spec iterations and feedback of the network
   * @param block 1 for B1
   * @param options see {@link #options()}
   * @return 1 or more
   */
  int applications(UnrollSpec spec, int block, Options options);

  /**
   * Tells whether the number of iterations depends on the image. Evaluation passes such networks
   * one image at a time, and for an image that needs fewer iterations than others it carries the
   * last prediction forward. A strategy that only follows {@link Pass#more} returns false.
   *
   * @param spec iterations and feedback of the network
   * @param options see {@link #options()}
   * @return whether {@link #forward} may return fewer predictions for some images on its own
   */
  default boolean stopsEarly(UnrollSpec spec, Options options) {
    return false;
  }

  /**
   * Runs the network once.
   *
   * @param pass the blocks and gates
   * @param image (N, 3, H, W)
   * @param options see {@link #options()}
   * @return the logits of each prediction at the network's stride, in the order of the iterations;
   *     the last one is the result of the network. Training needs the same number in every pass
   */
  NDList forward(Pass pass, NDArray image, Options options);
}
