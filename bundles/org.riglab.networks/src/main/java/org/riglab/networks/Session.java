package org.riglab.networks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Precision;
import org.riglab.tensors.HostTensor;

/** Exclusive use of a network by one run. Not thread safe. */
public interface Session extends AutoCloseable {
  /** The network's file in {@link #directory}. */
  String FILE = "network.safetensors";

  /**
   * @return the network's spec
   */
  NetworkSpec spec();

  /**
   * @return the parts in use
   */
  List<PartInfo> parts();

  /**
   * @return the owner of the parameters, on the session's device; make a sub manager per step
   */
  NDManager manager();

  /**
   * @return every parameter by its name in the state dict, in order, running statistics included;
   *     another map after {@link #renew}
   */
  Map<String, Parameter> state();

  /**
   * Runs the network. The arrays belong to the image's manager.
   *
   * @param image (N, 3, H, W), normalised
   * @param training whether batch norm uses and updates batch statistics
   * @return logits per prediction (N, C, H/stride, W/stride), the last is the answer
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  default NDList forward(NDArray image, boolean training) {
    return forward(image, training, 0);
  }

  /**
   * Runs the network, perhaps with truncated back-propagation: iteration t's feedback is detached
   * where t is at most u-k+1, so that the last prediction's gradients flow through the last k
   * iterations only.
   *
   * @param image (N, 3, H, W), normalised
   * @param training whether batch norm uses and updates batch statistics
   * @param truncate k; 0 for no truncation
   * @return as of {@link #forward(NDArray, boolean)}
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  default NDList forward(NDArray image, boolean training, int truncate) {
    return forward(image, training, truncate, 0);
  }

  /**
   * As {@link #forward(NDArray, boolean, int)}, with another number of iterations than the spec's.
   *
   * @param image (N, 3, H, W), normalised
   * @param training whether batch norm uses and updates batch statistics
   * @param truncate k; 0 for no truncation
   * @param iterations 0 for those of the spec; beyond them, the last set of batch norm statistics
   *     is used and updated
   * @return as of {@link #forward(NDArray, boolean)}
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  NDList forward(NDArray image, boolean training, int truncate, int iterations);

  /**
   * Evaluates eagerly and shows maps on the way.
   *
   * @param image (N, 3, H, W), normalised
   * @param activations receives the maps it wants
   * @return as of {@link #forward(NDArray, boolean)}
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  default NDList forward(NDArray image, ActivationListener activations) {
    return forward(image, PassLength.WHOLE, activations);
  }

  /**
   * Evaluates eagerly as many iterations as asked for, and shows maps on the way.
   *
   * @param image (N, 3, H, W), normalised
   * @param length of the pass
   * @param activations receives the maps it wants
   * @return as of {@link #forward(NDArray, PassLength)}
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  NDList forward(NDArray image, PassLength length, ActivationListener activations);

  /**
   * Evaluates as many iterations as asked for; what is left out is not computed.
   *
   * @param image (N, 3, H, W), normalised
   * @param length of the pass
   * @return logits of the predictions that were computed
   * @throws org.riglab.api.RigException as {@link #forward(NDArray, boolean)}, and if inference
   *     runs in ONNX Runtime and the length is not that of the spec
   */
  NDList forward(NDArray image, PassLength length);

  /**
   * Runs eagerly as many iterations as asked for, in training too. A continuation is not asked in
   * training.
   *
   * @param image (N, 3, H, W), normalised
   * @param training whether batch norm uses and updates batch statistics
   * @param length of the pass
   * @return as of {@link #forward(NDArray, boolean)}
   * @throws org.riglab.api.RigException if a part is revoked, throws, or returns a wrong shape
   */
  NDList forward(NDArray image, boolean training, PassLength length);

  /**
   * @return whether the unroll strategy may return fewer predictions for some images on its own
   */
  boolean stopsEarly();

  /**
   * @param height of an image
   * @param width of an image
   * @param iterations of the pass; 0 for those of the spec
   * @return multiply-adds for one image up to each prediction, ascending
   * @throws org.riglab.api.RigException if the network cannot be traced
   */
  List<Long> multiplyAdds(int height, int width, int iterations);

  /**
   * Shows the network from within. Its parts cannot go away meanwhile.
   *
   * @param <T> of the answer
   * @param look is given the network
   * @return the answer
   */
  default <T> T show(Function<Blueprint, T> look) {
    return show(0, look);
  }

  /**
   * Shows the network from within, with another number of iterations than the spec's.
   *
   * @param <T> of the answer
   * @param iterations of its passes; 0 for those of the spec
   * @param look is given the network
   * @return the answer
   */
  <T> T show(int iterations, Function<Blueprint, T> look);

  /**
   * From now on passes run as native programs. Where a part cannot be traced they run eagerly and
   * in float32 as before.
   *
   * @param precision of the programs; not AUTO
   * @param recompute whether passes of training keep less and compute it again on their way back
   * @param told is told once per reason for running otherwise, in a line
   */
  void compile(Precision precision, boolean recompute, Consumer<String> told);

  /**
   * Goes back from a loss of the logits of all passes since the last time, to the gradients of the
   * parameters. Grad mode is on.
   *
   * @param loss a scalar
   * @param replace whether the gradients that the parameters have are replaced, not added to
   */
  void backward(NDArray loss, boolean replace);

  /**
   * From now on inference runs in ONNX Runtime, on the weights as they are now. The session is for
   * inference then.
   *
   * @param threads that compute
   * @throws org.riglab.api.RigException if ONNX Runtime is not installed, or the network cannot be
   *     exported
   */
  void onnx(int threads);

  /**
   * From now on batch norm uses its running statistics in training too, and its affine parameters
   * are fixed; for this session only.
   */
  void freezeBatchNorm();

  /**
   * Finds out where a computation went wrong.
   *
   * @param image (N, 3, H, W), normalised
   * @param training as for {@link #forward}; with true, batch norm statistics change
   * @return which part was the first to return NaN or infinity, in words
   */
  String blame(NDArray image, boolean training);

  /**
   * @return whether a part is about to go: call {@link #renew} between two steps
   */
  boolean stale();

  /**
   * Rebuilds the network from the newest parts of the same names; values stay, by name. Parameter
   * objects and their arrays are new ones afterwards: hold optimizer state by name.
   *
   * @throws org.riglab.api.RigException if a part is missing; the session is then closed for
   *     computing but {@link #values} still answers
   */
  void renew();

  /**
   * @return a copy of every value on the heap, by name, in order
   */
  Map<String, HostTensor> values();

  /**
   * @param values by name; all of the network's, each of its shape
   */
  void load(Map<String, HostTensor> values);

  /**
   * Reads every value from a file. On failure the values remain unchanged.
   *
   * @param file see {@link org.riglab.tensors.TensorFiles}
   * @throws org.riglab.api.RigException if the file cannot be read, or a tensor is missing or of
   *     another shape
   */
  void load(Path file);

  /**
   * @param trainedOn see {@link TrainedOn}
   * @return what a file of the weights says of the network, as metadata: with it, {@link
   *     org.riglab.api.bench.Predictions#open} can use the file by itself
   */
  Map<String, String> description(TrainedOn trainedOn);

  /** Frees native arrays that a step left on {@link #manager}: everything but the parameters. */
  void sweep();

  /**
   * Writes the weights, and what they were trained on, to the network's place in the home.
   *
   * @param trainedOn see {@link TrainedOn}
   */
  default void save(TrainedOn trainedOn) {
    save(trainedOn, Map.of());
  }

  /**
   * As {@link #save(TrainedOn)}, with what is known of how good the weights are.
   *
   * @param trainedOn see {@link TrainedOn}
   * @param metrics of the last evaluation, by name; empty if there was none
   */
  void save(TrainedOn trainedOn, Map<String, Double> metrics);

  /**
   * As {@link #save(TrainedOn)}, but values that are NaN or infinite are written, too: for an
   * import that was asked to read them.
   *
   * @param trainedOn see {@link TrainedOn}
   */
  void saveNonFinite(TrainedOn trainedOn);

  /**
   * @return what the weights were trained on; a default before the first training
   */
  TrainedOn trainedOn();

  /**
   * @return the network's directory in the home
   */
  Path directory();

  /** Gives the network back; weights that have changed since they were saved are lost. */
  @Override
  void close();
}
