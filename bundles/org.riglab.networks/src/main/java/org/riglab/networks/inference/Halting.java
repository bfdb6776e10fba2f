package org.riglab.networks.inference;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.base.Json;

/**
 * Predicts from the predictions of a network whether another iteration lowers the loss of an image:
 * a logistic regression of four features of the logits and a constant. It is trained beside the
 * network with a supervised target, and its gradient does not reach the network. That an exit is
 * decided by a small classifier is usual in adaptive inference (for example Bolukbasi et al.,
 * Adaptive Neural Networks for Efficient Inference, ICML 2017).
 *
 * @param weights of {@link #features}; empty where none were trained
 */
public record Halting(List<Double> weights) {
  /** No head. */
  public static final Halting NONE = new Halting(List.of());

  /** Number of features. */
  public static final int FEATURES = 5;

  /** A head that has learned nothing: the probability is one half. */
  public static final Halting NEW = new Halting(Collections.nCopies(FEATURES, 0.0));

  /** The key of the weights in the metadata of a file. */
  private static final String KEY = "riglab.halting";

  /**
   * Copies the weights.
   *
   * @param weights see {@link #weights()}
   */
  public Halting {
    weights = List.copyOf(weights);
  }

  /**
   * @return whether there is a head
   */
  public boolean exists() {
    return !weights.isEmpty();
  }

  /**
   * Describes the state of the iterations of an image.
   *
   * @param before logits (C, h, w) of the iteration before; null in the first one
   * @param now logits (C, h, w)
   * @param classes C
   * @param iteration 1 or more
   * @return 1; the mean entropy of the class probabilities as a share of the largest possible one;
   *     the mean of 1 minus the largest probability; the share of pixels whose class differs from
   *     the iteration before, 1 in the first one; 1 / iteration
   */
  public static double[] features(float[] before, float[] now, int classes, int iteration) {
    return new double[] {
      1,
      Stability.entropy(now, classes) / Math.log(classes),
      Stability.doubt(now, classes),
      before == null ? 1 : Stability.change(before, now, classes),
      1.0 / iteration
    };
  }

  /**
   * @param logits (C, h, w)
   * @param classes C
   * @param labels h x w; a label that is no class is void
   * @return the mean cross entropy of the labelled pixels in nats; NaN if there are none
   */
  public static double crossEntropy(float[] logits, int classes, byte[] labels) {
    return Stability.crossEntropy(logits, classes, labels);
  }

  /**
   * @param features see {@link #features}
   * @return probability that another iteration lowers the loss
   */
  public double helps(double[] features) {
    double sum = 0;
    for (int i = 0; i < FEATURES; i++) {
      sum += weights.get(i) * features[i];
    }
    return 1 / (1 + Math.exp(-sum));
  }

  /**
   * @param features see {@link #features}
   * @param helped whether the next iteration lowered the loss
   * @return the binary cross entropy, in nats
   */
  public double loss(double[] features, boolean helped) {
    double p = helps(features);
    return -Math.log(Math.max(helped ? p : 1 - p, Double.MIN_NORMAL));
  }

  /**
   * @param features see {@link #features}
   * @param helped whether the next iteration lowered the loss
   * @return the gradient of {@link #loss} with respect to the weights
   */
  public double[] gradient(double[] features, boolean helped) {
    double error = helps(features) - (helped ? 1 : 0);
    double[] gradient = new double[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      gradient[i] = error * features[i];
    }
    return gradient;
  }

  /**
   * @param metadata of a file of weights, to which the head is added; unchanged without one
   */
  public void write(Map<String, String> metadata) {
    if (exists()) {
      metadata.put(KEY, Json.line(Map.of("weights", weights)));
    }
  }

  /**
   * @param metadata of a file of weights
   * @param where it comes from, for error messages
   * @return the head; {@link #NONE} if the file has none
   * @throws RigException INVALID if the file has one that cannot be read
   */
  public static Halting read(Map<String, String> metadata, String where) {
    if (!metadata.containsKey(KEY)) {
      return NONE;
    }
    List<Double> weights = new ArrayList<>();
    if (Json.parse(metadata.get(KEY), where + ": " + KEY).get("weights") instanceof List<?> list) {
      list.forEach(value -> weights.add(value instanceof Number n ? n.doubleValue() : Double.NaN));
    }
    if (weights.size() != FEATURES || !weights.stream().allMatch(Double::isFinite)) {
      throw new RigException(
          "%s: its %s must have weights, a list of %d numbers".formatted(where, KEY, FEATURES));
    }
    return new Halting(weights);
  }
}
