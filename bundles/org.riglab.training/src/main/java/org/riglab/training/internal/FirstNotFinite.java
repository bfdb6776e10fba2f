package org.riglab.training.internal;

import ai.djl.nn.Block;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.network.Stage;

/** Finds where on the way back through a network gradients stopped being finite. */
final class FirstNotFinite {
  private FirstNotFinite() {}

  /**
   * The first block of the backward pass, which begins at the last block, with a parameter among
   * those that are given; a block comes before the gate in front of it.
   *
   * @param network from within
   * @param wrong names of parameters in the state dict
   * @return for example {@code block B5 (layer3), parameter backbone.layer3.0.conv1.weight}
   */
  static String of(Blueprint network, Set<String> wrong) {
    List<Stage> stages = network.stages();
    for (int block = stages.size(); block >= 1; block--) {
      Stage stage = stages.get(block - 1);
      String name = last(network, stage.block(), wrong);
      if (name != null) {
        return "block B%d (%s), parameter %s".formatted(block, stage.name(), name);
      }
      Block gate = network.gates().get(block);
      name = gate == null ? null : last(network, gate, wrong);
      if (name != null) {
        return "the gate at block B%d, parameter %s".formatted(block, name);
      }
    }
    return "parameter " + wrong.iterator().next();
  }

  /** The last of a block's parameters that is among those given; null if there is none. */
  private static String last(Blueprint network, Block block, Set<String> wrong) {
    Set<Object> own = new HashSet<>();
    block.getParameters().values().forEach(parameter -> own.add(parameter.getId()));
    String last = null;
    for (var entry : network.state().entrySet()) {
      if (wrong.contains(entry.getKey()) && own.contains(entry.getValue().getId())) {
        last = entry.getKey();
      }
    }
    return last;
  }
}
