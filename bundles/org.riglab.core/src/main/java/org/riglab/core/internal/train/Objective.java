package org.riglab.core.internal.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

/**
 * What a training minimises: cross entropy of the logits of one or all iterations, upsampled to the
 * size of the labels.
 */
final class Objective {
  private final CrossEntropy crossEntropy;
  private final List<Double> iterationWeights;

  /**
   * @param crossEntropy per iteration
   * @param iterationWeights first iteration first; empty for the last one alone
   */
  Objective(CrossEntropy crossEntropy, List<Double> iterationWeights) {
    this.crossEntropy = crossEntropy;
    this.iterationWeights = iterationWeights;
  }

  /**
   * @param logits per iteration (N, C, h, w), on the image's manager
   * @param label (N, H, W), int64
   * @param divisor total weight of the pixels of the step
   * @return the share of these images in the step's loss, a scalar
   */
  NDArray loss(NDList logits, NDArray label, NDArray divisor) {
    int n = logits.size();
    if (iterationWeights.isEmpty()) {
      return share(logits.get(n - 1), label, divisor);
    }
    if (iterationWeights.size() != n) {
      throw new RigException(
          "training: option 'iteration_weights' has %d numbers; the network makes %d predictions"
              .formatted(iterationWeights.size(), n));
    }
    NDArray sum = null;
    for (int i = 0; i < n; i++) {
      float weight = iterationWeights.get(i).floatValue();
      if (weight != 0) {
        NDArray share = share(logits.get(i), label, divisor).mul(weight);
        sum = sum == null ? share : sum.add(share);
      }
    }
    return sum;
  }

  private NDArray share(NDArray logits, NDArray label, NDArray divisor) {
    long height = label.getShape().get(1);
    long width = label.getShape().get(2);
    return crossEntropy.sum(Functional.interpolate(logits, height, width), label).div(divisor);
  }
}
