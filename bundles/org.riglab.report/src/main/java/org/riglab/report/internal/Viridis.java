package org.riglab.report.internal;

/**
 * The colour map viridis of Smith and van der Walt (matplotlib, CC0): perceptually uniform, and
 * readable in grey and with colour-blind eyes. Linear between ten published points.
 */
final class Viridis {
  private static final int[] POINTS = {
    0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B,
    0xFDE725
  };

  private Viridis() {}

  /**
   * @param t 0 to 1; what is outside is taken to the nearer end
   * @return 0xRRGGBB, from dark violet to yellow
   */
  static int rgb(double t) {
    double at = Math.max(0, Math.min(1, t)) * (POINTS.length - 1);
    int low = Math.min((int) at, POINTS.length - 2);
    return Palette.mix(POINTS[low], POINTS[low + 1], at - low);
  }
}
