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
   * Evaluates a spec on given tensors, without a name and without the home.
   *
   * @param spec the network
   * @param weights a file with the state dict
   * @param input safetensors with {@code image} (N, 3, H, W), float32
   * @param output where to write {@code eval.logits.t1} to {@code eval.logits.tu} (N, C, H, W)
   */
  void forward(NetworkSpec spec, Path weights, Path input, Path output);
}
