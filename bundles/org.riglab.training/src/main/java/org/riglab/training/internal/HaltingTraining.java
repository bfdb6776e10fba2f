package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Resampling;
import org.riglab.networks.inference.Halting;

/**
 * Trains a {@link Halting} head. Its target is supervised: whether the next iteration lowers the
 * cross entropy of the image, at the size of the logits. Its loss is the mean binary cross entropy
 * over the images and iterations of a step; it does not change the network. An update is plain
 * gradient descent: features are between 0 and 1, so that the largest curvature is at most 5/4, and
 * a rate of 1 is stable.
 */
final class HaltingTraining {
  private static final double RATE = 1;

  private Halting head = Halting.NEW;
  private double[] sum = new double[Halting.FEATURES];
  private int samples;

  /** The head as it is. */
  Halting head() {
    return head;
  }

  /** Goes on with a head. */
  void load(Halting other) {
    head = other.exists() ? other : Halting.NEW;
    clear();
  }

  /** Forgets what was added since the last update. */
  void clear() {
    sum = new double[Halting.FEATURES];
    samples = 0;
  }

  /**
   * Adds the images of a pass.
   *
   * @param logits of each prediction, (N, C, h, w)
   * @param batch has the labels
   */
  void add(NDList logits, Batch batch) {
    Shape shape = logits.head().getShape();
    int classes = (int) shape.get(1);
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    List<float[]> values = new ArrayList<>();
    for (NDArray array : logits) {
      values.add(array.stopGradient().toType(DataType.FLOAT32, false).toFloatArray());
    }
    int length = classes * height * width;
    for (int image = 0; image < batch.size(); image++) {
      byte[] label =
          Resampling.label(
              batch.label(image), batch.labelHeight(), batch.labelWidth(), height, width);
      List<float[]> iterations = new ArrayList<>();
      for (float[] all : values) {
        float[] own = new float[length];
        System.arraycopy(all, image * length, own, 0, length);
        iterations.add(own);
      }
      add(iterations, classes, label);
    }
  }

  /** Adds the iterations of an image, (C, h, w) each. */
  void add(List<float[]> iterations, int classes, byte[] label) {
    double loss = Halting.crossEntropy(iterations.get(0), classes, label);
    for (int t = 1; t < iterations.size(); t++) {
      double next = Halting.crossEntropy(iterations.get(t), classes, label);
      if (!Double.isFinite(loss) || !Double.isFinite(next)) {
        return; // all is void
      }
      double[] features =
          Halting.features(
              t == 1 ? null : iterations.get(t - 2), iterations.get(t - 1), classes, t);
      double[] gradient = head.gradient(features, next < loss);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += gradient[i];
      }
      samples++;
      loss = next;
    }
  }

  /** Updates the head by the mean gradient of what was added. */
  void update() {
    if (samples > 0) {
      List<Double> weights = new ArrayList<>();
      for (int i = 0; i < sum.length; i++) {
        weights.add(head.weights().get(i) - RATE * sum[i] / samples);
      }
      head = new Halting(weights);
    }
    clear();
  }
}
