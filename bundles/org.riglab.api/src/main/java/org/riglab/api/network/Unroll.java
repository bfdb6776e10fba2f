package org.riglab.api.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/**
 * Decides which block runs when, and what its gate is fed with. It has no parameters of its own: a
 * strategy swapped for another keeps all weights that both use.
 */
@ConsumerType
public interface Unroll extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "unroll";

  /**
   * @param spec iterations and feedback of the network
   * @param classes channels of the logits
   * @param options see {@link #options()}
   * @return channels of the first block's input; 3 unless predictions are fed in beside the image
   */
  default int inputChannels(UnrollSpec spec, int classes, Options options) {
    return 3;
  }

  /**
   * Plans the gates. The default is one per block in the spec's feedback, fed by that block's own
   * output.
   *
   * @param spec iterations and feedback of the network
   * @param stages the network's blocks, B1 first; the last one is the head
   * @param options see {@link #options()}
   * @return one shape per gate, each for another block
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
   * How many times a block runs in one pass: the number of sets of batch norm statistics it gets
   * where these are kept per iteration.
   *
   * @param spec iterations and feedback of the network
   * @param block 1 for B1
   * @param options see {@link #options()}
   * @return 1 or more
   */
  int applications(UnrollSpec spec, int block, Options options);

  /**
   * Runs the network once.
   *
   * @param pass the blocks and gates
   * @param image (N, 3, H, W)
   * @param options see {@link #options()}
   * @return the logits of each prediction at the network's stride, in the order of the iterations;
   *     the last one is the network's answer
   */
  NDList forward(Pass pass, NDArray image, Options options);
}
