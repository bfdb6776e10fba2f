package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * A network that is watched: how certain its last prediction is, at the stride of the logits, over
 * the pixels of all passes. For one image at a time.
 */
public final class Certainty implements Model {
  private final Model model;
  private double doubt;
  private double entropy;
  private long pixels;

  /**
   * @param model is watched
   */
  public Certainty(Model model) {
    this.model = model;
  }

  @Override
  public NDList logits(NDArray images) {
    NDList logits = model.logits(images);
    NDArray last = logits.get(logits.size() - 1);
    int classes = (int) last.getShape().get(1);
    float[] values = last.toFloatArray();
    long count = values.length / classes;
    doubt += count * Stability.doubt(values, classes);
    entropy += count * Stability.entropy(values, classes);
    pixels += count;
    return logits;
  }

  @Override
  public String blame(NDArray images) {
    return model.blame(images);
  }

  /**
   * @return the mean of the largest class probability
   */
  public double confidence() {
    return 1 - doubt / pixels;
  }

  /**
   * @return the mean entropy of the class probabilities, in nats
   */
  public double entropy() {
    return entropy / pixels;
  }
}
