package org.riglab.datasets.internal;

/** The colour map of PASCAL VOC, which many data sets share. */
final class VocColours {
  private VocColours() {}

  /**
   * @param label 0 to 255
   * @return 0xRRGGBB, different for each: the bits of the label in turn are the next lower bits of
   *     red, green and blue (VOC development kit, {@code VOClabelcolormap})
   */
  static int of(int label) {
    int rgb = 0;
    for (int i = 0; i < 8; i++) {
      int channel = 2 - i % 3;
      rgb |= (label >> i & 1) << 8 * channel + 7 - i / 3;
    }
    return rgb;
  }
}
