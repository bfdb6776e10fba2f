package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Runs networks on images. Thread safe. */
@ProviderType
public interface Predictions {
  /**
   * Predicts the labels of one image plainly.
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
   * Predicts the labels of one image, and keeps the maps that are asked for.
   *
   * @param network its name
   * @param image any size
   * @param maps names of maps: {@code block.K.tT} for block K's output in iteration T, {@code
   *     gated.K.tT} for its input after the gate, {@code gate.K.tT} for what its gate makes of an
   *     input of ones (a multiplying gate's map; 1 + map of an adding one), {@code logits.tT}; *
   *     for anything
   * @param inference how to run the image through the network; maps can be kept where it passes
   *     through once
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
