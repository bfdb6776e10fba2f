package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.UnaryOperator;

/** Sums over the predictions of a recurrent network. */
public final class Predictions {
  private Predictions() {}

  /**
   * Computes the weighted sum of the losses of all predictions. Losses of predictions with weight 0
   * are not computed.
   *
   * @param logits of each prediction, first iteration first
   * @param weights one for each prediction, not all 0; empty for the last prediction only
   * @param loss of one prediction, a scalar
   * @return a scalar
   */
  public static NDArray weighted(
      List<NDArray> logits, List<Double> weights, UnaryOperator<NDArray> loss) {
    if (weights.isEmpty()) {
      return loss.apply(logits.get(logits.size() - 1));
    }
    NDArray sum = null;
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i);
      if (weight != 0) {
        NDArray one = loss.apply(logits.get(i));
        NDArray weighted = weight == 1 ? one : Functional.times(one, weight);
        sum = sum == null ? weighted : sum.add(weighted);
      }
    }
    return sum;
  }
}
