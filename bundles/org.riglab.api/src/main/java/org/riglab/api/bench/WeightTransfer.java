package org.riglab.api.bench;

import java.util.List;
import java.util.Set;

/**
 * The result of a transfer of weights when parts of a network were exchanged.
 *
 * @param matched names that kept or got their values
 * @param initialised names that were newly initialised
 * @param leftOver names in the source that the network does not have, and the reason
 * @param restored names whose values from the removal of their part were restored
 */
public record WeightTransfer(
    List<String> matched, List<String> initialised, List<String> leftOver, List<String> restored) {
  /**
   * A transfer without restored names.
   *
   * @param matched names that kept or got their values
   * @param initialised names that were newly initialised
   * @param leftOver names in the source that the network does not have, and the reason
   */
  public WeightTransfer(List<String> matched, List<String> initialised, List<String> leftOver) {
    this(matched, initialised, leftOver, List.of());
  }

  /**
   * @param names whose values were restored
   * @return the transfer with these names as restored
   */
  public WeightTransfer restored(Set<String> names) {
    return new WeightTransfer(
        matched.stream().filter(name -> !names.contains(name)).toList(),
        initialised.stream().filter(name -> !names.contains(name)).toList(),
        leftOver,
        names.stream().sorted().toList());
  }
}
