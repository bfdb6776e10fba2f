package org.riglab.api.bench;

import java.util.List;
import java.util.Set;

/**
 * What happened to the weights when the parts of a network were exchanged.
 *
 * @param matched names that kept or got their values
 * @param initialised names that were initialised afresh
 * @param leftOver names in the source that the network has no place for, and why
 * @param restored names that got back the values that they had when their part was removed
 */
public record WeightTransfer(
    List<String> matched, List<String> initialised, List<String> leftOver, List<String> restored) {
  /**
   * As before anything was restored.
   *
   * @param matched names that kept or got their values
   * @param initialised names that were initialised afresh
   * @param leftOver names in the source that the network has no place for, and why
   */
  public WeightTransfer(List<String> matched, List<String> initialised, List<String> leftOver) {
    this(matched, initialised, leftOver, List.of());
  }

  /**
   * @param names that got their values back
   * @return the transfer with that
   */
  public WeightTransfer restored(Set<String> names) {
    return new WeightTransfer(
        matched.stream().filter(name -> !names.contains(name)).toList(),
        initialised.stream().filter(name -> !names.contains(name)).toList(),
        leftOver,
        names.stream().sorted().toList());
  }
}
