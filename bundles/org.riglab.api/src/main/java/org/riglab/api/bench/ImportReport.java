package org.riglab.api.bench;

import java.util.List;

/**
 * What happened to a file's weights.
 *
 * @param matched names in the network that got values
 * @param initialised names in the network that got none: they stay as they were
 * @param leftOver names in the file that the network has no place for, and why
 * @param ignored names in the file that no network has a place for
 * @param format of the file, for example npz
 * @param mapping what was done to the file's names, in words; empty for nothing
 * @param trainedOn the data set that the network now counts as trained on because the file states
 *     it; empty if it does not
 * @param pixels what images the network wants from now on, in words, where the file or the spec
 *     states it; empty if that stayed as it was
 * @param tensors one row per tensor, the network's first
 */
public record ImportReport(
    List<String> matched,
    List<String> initialised,
    List<String> leftOver,
    List<String> ignored,
    String format,
    String mapping,
    String trainedOn,
    String pixels,
    List<Row> tensors) {
  /**
   * One tensor of an import.
   *
   * @param fate what happened to it
   * @param source its name in the file; empty if it is missing there
   * @param name its name in the network; empty if there is none
   * @param dtype its type in the file, for example float16; empty if it is missing there
   * @param shape in the file, or in the network if it is missing there
   * @param note why, or what was done to it; may be empty
   */
  public record Row(
      Fate fate, String source, String name, String dtype, List<Long> shape, String note) {}

  /** What can happen to a tensor. */
  public enum Fate {
    /** It was read. */
    MATCHED,
    /** The network has it, the file does not. */
    MISSING,
    /** The file has it, the network does not. */
    LEFT_OVER,
    /** The file has it, and no network ever has. */
    IGNORED
  }
}
