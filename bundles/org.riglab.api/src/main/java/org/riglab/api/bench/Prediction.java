package org.riglab.api.bench;

import java.util.List;
import java.util.Map;

/**
 * The labels that a network predicts for one image.
 *
 * @param height in pixels
 * @param width in pixels
 * @param labels height*width bytes per prediction, in the order of iterations
 * @param maps by name; see {@link Predictions#predict}
 */
public record Prediction(int height, int width, List<byte[]> labels, Map<String, FeatureMap> maps) {
  /**
   * @return the labels of the last iteration
   */
  public byte[] answer() {
    return labels.get(labels.size() - 1);
  }
}
