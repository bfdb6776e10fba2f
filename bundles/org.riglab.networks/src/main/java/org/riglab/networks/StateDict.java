package org.riglab.networks;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.riglab.api.RigException;

/** Names the parameters of a block tree as PyTorch does. */
public final class StateDict {
  private StateDict() {}

  /**
   * Adds a block's parameters.
   *
   * @param state gets the parameters, in the order of the tree
   * @param prefix what the names start with
   * @param block the root
   * @throws RigException if two parameters have one name
   */
  public static void collect(Map<String, Parameter> state, String prefix, Block block) {
    for (Pair<String, Parameter> entry : block.getDirectParameters()) {
      if (state.put(prefix + entry.getKey(), entry.getValue()) != null) {
        throw new RigException(
            RigException.Kind.PART_FAILED, "two parameters are named " + prefix + entry.getKey());
      }
    }
    names(block).forEach((name, child) -> collect(state, prefix + name + ".", child));
  }

  /**
   * Names a block and everything in it as the parameters in them are named.
   *
   * @param names gets the names, without a dot at the end
   * @param prefix what the names start with; if empty, the root has no name
   * @param block the root
   */
  public static void blocks(Map<Block, String> names, String prefix, Block block) {
    if (!prefix.isEmpty()) {
      names.put(block, prefix.substring(0, prefix.length() - 1));
    }
    names(block).forEach((name, child) -> blocks(names, prefix + name + ".", child));
  }

  // DJL puts a two-digit index in front of a child's name; it goes unless the names then clash.
  private static Map<String, Block> names(Block block) {
    List<String> plain = new ArrayList<>();
    Set<String> clashing = new HashSet<>();
    for (Pair<String, Block> child : block.getChildren()) {
      String name = child.getKey().replaceFirst("^\\d\\d", "");
      if (plain.contains(name) || name.isEmpty()) {
        clashing.add(name);
      }
      plain.add(name);
    }
    Map<String, Block> names = new LinkedHashMap<>();
    for (int i = 0; i < plain.size(); i++) {
      Pair<String, Block> child = block.getChildren().get(i);
      names.put(clashing.contains(plain.get(i)) ? child.getKey() : plain.get(i), child.getValue());
    }
    return names;
  }
}
