package org.riglab.networks.internal;

import ai.djl.nn.Block;
import ai.djl.util.Pair;
import java.util.function.IntUnaryOperator;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.nn.BatchNorm2d;

/** Applies a policy to the batch norm layers of a network. */
final class BatchNorms {
  private BatchNorms() {}

  /**
   * Gives each layer the statistics that its spec asks for; before the network is initialised.
   *
   * @param network with its gates
   * @param policy of the spec
   * @param applications how often a block runs in one pass, by its number
   */
  static void prepare(NetworkBlock network, BatchNormPolicy policy, IntUnaryOperator applications) {
    for (int k = 1; k <= network.stages().size(); k++) {
      int runs = applications.applyAsInt(k);
      prepare(network.stages().get(k - 1).block(), policy, runs);
      if (network.gates().containsKey(k)) {
        prepare(network.gates().get(k), policy, runs);
      }
    }
  }

  private static void prepare(Block root, BatchNormPolicy policy, int runs) {
    if (root instanceof BatchNorm2d norm) {
      if (policy == BatchNormPolicy.PER_ITERATION) {
        norm.statistics(runs);
      } else if (policy == BatchNormPolicy.FROZEN) {
        norm.freeze();
      }
    }
    for (Pair<String, Block> child : root.getChildren()) {
      prepare(child.getValue(), policy, runs);
    }
  }

  /** Freezes every layer; this cannot be undone. */
  static void freeze(NetworkBlock network) {
    network.stages().forEach(stage -> prepare(stage.block(), BatchNormPolicy.FROZEN, 1));
    network.gates().values().forEach(gate -> prepare(gate, BatchNormPolicy.FROZEN, 1));
  }
}
