package org.riglab.api.bench;

/**
 * Ends inference before the last iteration. Conditions are checked for each image after each
 * prediction, and what is left out is not computed. The first prediction is always computed.
 *
 * @param iterations number of iterations; 0 for those of the network. May exceed those of the
 *     training: the additional iterations use the last set of batch norm statistics
 * @param budgetMs milliseconds per image; an iteration is left out if it would exceed the budget
 *     when it takes as long as the one before. 0 for no limit
 * @param budgetGmac multiply-adds per image in 10^9; an iteration is left out if it would exceed
 *     the budget. 0 for no limit
 * @param until when a prediction is stable; empty for never. {@code change<S}: the share of pixels
 *     whose class differs from the previous prediction is below S; {@code entropy<X}: the mean
 *     entropy of the class probabilities differs by less than X nats; {@code kl<X}: the mean
 *     Kullback-Leibler divergence from the previous to the new probabilities is below X nats;
 *     {@code stable:K}: no pixel has changed its class in K iterations; {@code halting<P}: the
 *     network's halting head (see {@link TrainSpec.Objective#halting}) predicts that another
 *     iteration lowers the loss with a probability below P, 0.5 for {@code halting}. S may end in
 *     %. Measured at the stride of the logits
 */
public record Stopping(int iterations, double budgetMs, double budgetGmac, String until) {
  /** All iterations of the network. */
  public static final Stopping NONE = new Stopping(0, 0, 0, "");

  /**
   * @return whether the number of iterations depends on the image
   */
  public boolean adaptive() {
    return budgetMs > 0 || budgetGmac > 0 || !until.isEmpty();
  }
}
