package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Runs networks on images. Thread safe. */
@ProviderType
public interface Predictions {
  /**
   * Predicts the labels of one image with {@link Inference#PLAIN}.
   *
   * @param network its name
   * @param image any size
   * @param maps as below
   * @return labels per iteration, and the maps
   */
  default Prediction predict(String network, RgbImage image, List<String> maps) {
    return predict(network, image, maps, Inference.PLAIN);
  }

  /**
   * Predicts the labels of one image and returns the requested maps.
   *
   * @param network its name
   * @param image any size
   * @param maps names of maps: {@code block.K.tT} for block K's output in iteration T, {@code
   *     gated.K.tT} for its input after the gate, {@code gate.K.tT} for the output of its gate for
   *     an input of ones (the map of a multiplicative gate; 1 + map of an additive one), {@code
   *     logits.tT}; * matches any text
   * @param inference settings of inference; maps are available for a single pass only
   * @return labels per iteration, and the maps
   * @throws org.riglab.api.RigException NOT_FOUND if there is no such network, BUSY if it is in use
   */
  Prediction predict(String network, RgbImage image, List<String> maps, Inference inference);

  /**
   * Opens a network that is in a file, on the CPU; it has no name, and the home is not changed.
   *
   * @param file a network's file, or the weights of a checkpoint
   * @return the network; to be closed
   * @throws org.riglab.api.RigException if the file does not describe its network, or a part of it
   *     is missing
   */
  Opened open(Path file);

  /** A network from a file. Not thread safe. */
  @ProviderType
  interface Opened extends AutoCloseable {
    /**
     * As {@link Predictions#predict(String, RgbImage, List, Inference)}.
     *
     * @param image any size
     * @param maps names of maps
     * @param inference settings of inference
     * @return labels per iteration, and the maps
     */
    Prediction predict(RgbImage image, List<String> maps, Inference inference);

    /** Frees it. */
    @Override
    void close();
  }

  /**
   * Evaluates a spec on given tensors, without a name and without the home.
   *
   * @param spec the network
   * @param weights a file with the state dict
   * @param input safetensors with {@code image} (N, 3, H, W), float32
   * @param output where to write {@code eval.logits.t1} to {@code eval.logits.tu} (N, C, H, W)
   */
  void forward(NetworkSpec spec, Path weights, Path input, Path output);
}
