package org.riglab.networks.internal;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.function.IntUnaryOperator;
import org.riglab.api.RigException;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.nn.RunningStatistics;

/** Applies a policy to the batch norm layers of a network. */
final class BatchNorms {
  private BatchNorms() {}

  /**
   * Gives each layer the statistics that its spec asks for; before the network is initialised.
   *
   * @param network with its gates
   * @param policy of the spec
   * @param applications how often a block runs in one pass, by its number
   * @throws RigException if a block has running statistics to which the policy cannot be applied
   */
  static void prepare(NetworkBlock network, BatchNormPolicy policy, IntUnaryOperator applications) {
    for (int k = 1; k <= network.stages().size(); k++) {
      int runs = applications.applyAsInt(k);
      prepare("block " + k, network.stages().get(k - 1).block(), policy, runs);
      if (network.gates().containsKey(k)) {
        prepare("the gate at block " + k, network.gates().get(k), policy, runs);
      }
    }
  }

  private static void prepare(String where, Block root, BatchNormPolicy policy, int runs) {
    if (policy == BatchNormPolicy.SHARED) {
      return;
    }
    if (root instanceof RunningStatistics norm) {
      if (policy == BatchNormPolicy.PER_ITERATION) {
        norm.statistics(runs);
      } else {
        norm.freeze();
      }
    } else if ((policy == BatchNormPolicy.FROZEN || runs > 1) && keepsStatistics(root)) {
      throw new RigException(
          "%s contains %s, whose running statistics Riglab cannot %s: use BatchNorm2d(channels,"
                  .formatted(
                      where,
                      root.getClass().getName(),
                      policy == BatchNormPolicy.FROZEN ? "freeze" : "keep per iteration")
              + " eps, momentum) of org.riglab.nn, implement RunningStatistics, or choose"
              + " --batch-norm shared");
    }
    for (Pair<String, Block> child : root.getChildren()) {
      prepare(where, child.getValue(), policy, runs);
    }
  }

  private static boolean keepsStatistics(Block block) {
    return block.getDirectParameters().values().stream()
        .map(Parameter::getType)
        .anyMatch(t -> t == Parameter.Type.RUNNING_MEAN || t == Parameter.Type.RUNNING_VAR);
  }

  /**
   * Freezes every layer; this cannot be undone.
   *
   * @throws RigException if a block has running statistics that cannot be frozen
   */
  static void freeze(NetworkBlock network) {
    prepare(network, BatchNormPolicy.FROZEN, k -> 1);
  }
}
