package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.engine.Kernels;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

/**
 * What a training minimises: a weighted sum of the cross entropies of the iterations. Logits of one
 * input scale are upsampled to the size of the labels. With several input scales, each scale's
 * logits and the fused ones have a loss, and these are added; labels are brought to the size of the
 * logits (nearest), as DeepLabV2 does.
 */
final class Objective {
  private final CrossEntropy crossEntropy;
  private final List<Double> iterationWeights;
  private final Optional<Kernels> kernels;

  /**
   * Step by step.
   *
   * @param crossEntropy as below
   * @param iterationWeights as below
   */
  Objective(CrossEntropy crossEntropy, List<Double> iterationWeights) {
    this(crossEntropy, iterationWeights, Optional.empty());
  }

  /**
   * @param crossEntropy per iteration; where it has superclasses, iteration t of u is fine by
   *     (t-1)/(u-1), coarse by the rest
   * @param iterationWeights first iteration first; empty for the last one alone, or for 1 each
   *     where there are superclasses
   * @param kernels compute the loss in one call where it is fine; empty to do it step by step
   */
  Objective(CrossEntropy crossEntropy, List<Double> iterationWeights, Optional<Kernels> kernels) {
    this.crossEntropy = crossEntropy;
    this.iterationWeights = iterationWeights;
    this.kernels = kernels;
  }

  /**
   * @param predictions how many the network makes
   * @throws RigException if the options want another number
   */
  void requirePredictions(int predictions) {
    String made =
        predictions == 1
            ? "the network makes 1 prediction"
            : "the network makes %d predictions".formatted(predictions);
    if (!iterationWeights.isEmpty() && iterationWeights.size() != predictions) {
      throw new RigException(
          "training: option 'iteration_weights' has %d number%s; %s"
              .formatted(iterationWeights.size(), iterationWeights.size() == 1 ? "" : "s", made));
    }
    if (crossEntropy.coarse() && predictions == 1) {
      throw new RigException(
          "training: option 'coarse' goes from coarse to fine over two predictions or more; "
              + made);
    }
  }

  /**
   * @param logits of a batch
   * @param targets of the step
   * @param batch index in the step
   * @return the share of the batch in the step's loss, a scalar
   */
  NDArray loss(MultiScaleInputs.Logits logits, Targets targets, int batch) {
    if (logits.scales().size() == 1) {
      return overIterations(logits.fused(), targets.full(batch), batch);
    }
    NDArray sum = ownSize(logits.fused(), targets, batch);
    for (NDList scale : logits.scales()) {
      sum = sum.add(ownSize(scale, targets, batch));
    }
    return sum;
  }

  private NDArray ownSize(NDList logits, Targets targets, int batch) {
    Shape size = logits.head().getShape();
    return overIterations(logits, targets.at(size.get(2), size.get(3)), batch);
  }

  private NDArray overIterations(NDList logits, Targets.Sized targets, int batch) {
    int n = logits.size();
    requirePredictions(n);
    NDArray label = targets.labels().get(batch);
    NDArray sum = null;
    for (int i = 0; i < n; i++) {
      double weight = weight(i, n);
      if (weight != 0) {
        double fine = crossEntropy.coarse() ? i / (n - 1.0) : 1;
        NDArray share = share(logits.get(i), label, fine).div(targets.divisor());
        NDArray weighted = weight == 1 ? share : Functional.times(share, weight);
        sum = sum == null ? weighted : sum.add(weighted);
      }
    }
    return sum;
  }

  private double weight(int prediction, int predictions) {
    if (!iterationWeights.isEmpty()) {
      return iterationWeights.get(prediction);
    }
    return crossEntropy.coarse() || prediction == predictions - 1 ? 1 : 0;
  }

  private NDArray share(NDArray logits, NDArray label, double fine) {
    if (fine == 1 && kernels.isPresent()) {
      float[] weights = new float[Math.toIntExact(logits.getShape().get(1))];
      Arrays.fill(weights, 1);
      for (int c = 0; c < crossEntropy.classWeights().size(); c++) {
        weights[c] = crossEntropy.classWeights().get(c).floatValue();
      }
      NDArray perClass = logits.getManager().create(weights);
      return kernels.get().crossEntropy(logits, label, perClass, crossEntropy.ignored());
    }
    long height = label.getShape().get(1);
    long width = label.getShape().get(2);
    return crossEntropy.sum(Functional.interpolate(logits, height, width), label, fine);
  }
}
