package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Names, keeps and changes networks. Each lives in the home's {@code models/NAME} as spec and
 * weights, so that another process finds it again. Thread safe; a network that trains or evaluates
 * cannot be changed meanwhile.
 */
@ProviderType
public interface Bench {
  /**
   * @return the directory that holds models, runs and plugins
   */
  Path home();

  /**
   * Reads a spec: Riglab's own, a parity case's, or the bare object under its {@code spec}.
   *
   * @param json the parsed JSON object
   * @param where what is read, for error messages
   * @return the spec; parts and options are checked when it is assembled
   * @throws org.riglab.api.RigException if a key is unknown or ill-typed
   */
  NetworkSpec spec(Map<String, ?> json, String where);

  /**
   * @param spec a spec
   * @return its JSON, readable by {@link #spec}
   */
  String json(NetworkSpec spec);

  /**
   * Assembles a network, initialises its weights and writes it to the home.
   *
   * @param name letters, digits, dot, dash and underscore
   * @param spec what to assemble
   * @param replace whether an existing network of that name goes first
   * @return the network
   * @throws org.riglab.api.RigException if the name is taken, or a part or option does not exist
   */
  Network assemble(String name, NetworkSpec spec, boolean replace);

  /**
   * @return the names of all networks, sorted
   */
  List<String> networks();

  /**
   * @param name a network, read from the home if need be
   * @return the network
   * @throws org.riglab.api.RigException if there is none; names those there are
   */
  Network network(String name);

  /**
   * Exchanges parts of a network. Weights whose names and shapes match stay, the rest is
   * initialised from the spec's seed. On failure the network stays as it was.
   *
   * @param name a network
   * @param spec the spec it shall have
   * @return what became of the weights
   */
  Transfer swap(String name, NetworkSpec spec);

  /**
   * Removes a network from memory and home.
   *
   * @param name a network
   */
  void discard(String name);

  /**
   * Reads weights into a network.
   *
   * @param name a network
   * @param file safetensors
   * @param strict whether a missing, left over or misshapen tensor is an error
   * @return what became of the weights
   */
  Transfer importWeights(String name, Path file, boolean strict);

  /**
   * Writes a network's state dict as safetensors, through a temporary file.
   *
   * @param name a network
   * @param file where to
   */
  void exportWeights(String name, Path file);

  /**
   * Evaluates a spec on given tensors, without a name and without the home.
   *
   * @param spec the network
   * @param weights safetensors with the state dict
   * @param input safetensors with {@code image} (N, 3, H, W), float32
   * @param output where to write {@code eval.logits.t1} to {@code eval.logits.tu} (N, C, H, W)
   */
  void forward(NetworkSpec spec, Path weights, Path input, Path output);

  /**
   * Predicts the labels of one image plainly.
   *
   * @param name a network
   * @param image what to look at
   * @param maps as below
   * @return labels per iteration, and the maps
   */
  default Prediction predict(String name, Image image, List<String> maps) {
    return predict(name, image, maps, Inference.PLAIN);
  }

  /**
   * Predicts the labels of one image, and keeps maps that are asked for.
   *
   * @param name a network
   * @param image what to look at
   * @param maps names of maps: {@code block.K.tT} for block K's output in iteration T, {@code
   *     gated.K.tT} for its input after the gate, {@code gate.K.tT} for what its gate makes of an
   *     input of ones (a multiplying gate's map; 1 + map of an adding one), {@code logits.tT}; *
   *     for anything
   * @param inference how to run the image through the network; maps can be kept where it goes
   *     through once
   * @return labels per iteration, and the maps
   */
  Prediction predict(String name, Image image, List<String> maps, Inference inference);

  /**
   * What became of the weights.
   *
   * @param matched names that kept or got their values
   * @param initialised names that were initialised afresh
   * @param leftOver names in the source that the network has no place for, and why
   */
  record Transfer(List<String> matched, List<String> initialised, List<String> leftOver) {}

  /**
   * An RGB image.
   *
   * @param height in pixels
   * @param width in pixels
   * @param rgb height*width*3 bytes, unsigned
   */
  @SuppressWarnings("ArrayRecordComponent") // pixels: never compared, never copied
  record Image(int height, int width, byte[] rgb) {}

  /**
   * What a network says about one image.
   *
   * @param height in pixels
   * @param width in pixels
   * @param labels height*width bytes per prediction, in the order of iterations
   * @param maps by name
   */
  record Prediction(int height, int width, List<byte[]> labels, Map<String, FloatMap> maps) {
    /**
     * @return the last iteration's labels
     */
    public byte[] answer() {
      return labels.get(labels.size() - 1);
    }
  }

  /**
   * A feature or gate map.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @param values C*H*W numbers, row by row
   */
  @SuppressWarnings("ArrayRecordComponent") // as above
  record FloatMap(int channels, int height, int width, float[] values) {}

  /**
   * Compares networks with reference numbers.
   *
   * @param cases folders with case.json, weights, batch and, where known, expected.safetensors
   * @param out where to write {@code CASE/got.safetensors}
   * @return one row per case, in order
   */
  List<ParityRow> parity(List<Path> cases, Optional<Path> out);

  /**
   * One parity case.
   *
   * @param name of the case
   * @param tensors how many were compared; 0 if nothing is expected
   * @param worst largest relative error over all tensors and losses; NaN if nothing is expected
   * @param worstTensor where it is
   * @param losses of both training steps
   */
  record ParityRow(
      String name, int tensors, double worst, String worstTensor, List<Double> losses) {}
}
