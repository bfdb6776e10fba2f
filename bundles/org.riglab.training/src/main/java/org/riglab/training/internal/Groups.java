package org.riglab.training.internal;

import org.riglab.api.bench.TrainSpec.Optimiser;
import org.riglab.training.Optimizers.Group;

/**
 * The parameter groups of a training, as DeepLab's (Chen et al., 2015): the backbone, the weights
 * of classifier and gates, and their biases.
 *
 * @param backbone factor on the learning rate of the backbone
 * @param head factor on that of classifier and gates
 * @param bias further factor on that of their biases
 * @param weightDecay of all
 * @param biasDecay factor on the weight decay of the biases of classifier and gates
 * @param vectorDecay factor on the weight decay of all parameters with at most one axis, which are
 *     those of norms and all biases
 */
record Groups(
    double backbone,
    double head,
    double bias,
    double weightDecay,
    double biasDecay,
    double vectorDecay) {
  static Groups of(Optimiser spec) {
    return new Groups(
        spec.lrBackbone(),
        spec.lrHead(),
        spec.lrBias(),
        spec.weightDecay(),
        spec.biasDecay(),
        spec.normBiasDecay());
  }

  /**
   * @param name of a parameter in the state dict
   * @param axes of its array
   * @param rate learning rate of the step
   * @return its group in that step
   */
  Group group(String name, int axes, double rate) {
    double decay = axes < 2 ? weightDecay * vectorDecay : weightDecay;
    if (name.startsWith("backbone.")) {
      return new Group(rate * backbone, decay);
    }
    return name.endsWith(".bias")
        ? new Group(rate * head * bias, decay * biasDecay)
        : new Group(rate * head, decay);
  }
}
