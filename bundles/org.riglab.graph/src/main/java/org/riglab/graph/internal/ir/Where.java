package org.riglab.graph.internal.ir;

/**
 * Where in a network a node was recorded.
 *
 * @param run index of the run of a block or gate, in the order of their start; -1 for the unroll
 *     strategy and for what is outside of any network
 * @param label for example {@code B4.t2}, {@code gate4.t2}, or empty
 * @param layer path of the layer in the state dict, for example {@code backbone.layer3.0.conv1};
 *     empty where the operation has no parameter
 */
public record Where(int run, String label, String layer) {
  /** Outside of any block and gate. */
  public static final Where OUTSIDE = new Where(-1, "", "");

  @Override
  public String toString() {
    return (label + " " + layer).strip();
  }
}
