package org.riglab.api.bench;

import java.util.List;

/**
 * The result of an import of weights.
 *
 * @param matched names in the network that were read
 * @param initialised names in the network that were not read; their values are unchanged
 * @param leftOver names in the file that the network does not have, and the reason
 * @param ignored names in the file that no network has
 * @param format of the file, for example npz
 * @param mapping the mapping of names, as text; empty if unchanged
 * @param trainedOn the training data set adopted from the file; empty if the file does not state it
 * @param pixels the adopted pixel format, as text, if the file or the spec states it; empty if
 *     unchanged
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
   * @param fate result for this tensor
   * @param source its name in the file; empty if it is missing there
   * @param name its name in the network; empty if there is none
   * @param dtype its type in the file, for example float16; empty if it is missing there
   * @param shape in the file, or in the network if it is missing there
   * @param note the reason or the conversion; may be empty
   */
  public record Row(
      Fate fate, String source, String name, String dtype, List<Long> shape, String note) {}

  /** Results of an import for a tensor. */
  public enum Fate {
    /** It was read. */
    MATCHED,
    /** The network has it, the file does not. */
    MISSING,
    /** The file has it, the network does not. */
    LEFT_OVER,
    /** The file has it, no network does. */
    IGNORED
  }
}
