package org.riglab.backbones.internal;

import org.riglab.api.RigException;

/** What the options of several backbones have in common. */
final class Widths {
  private static final int WIDEST = 1024;

  private Widths() {}

  /**
   * @param name of the backbone, for error messages
   * @param width channels of the first block
   */
  static void check(String name, int width) {
    if (width < 1 || width > WIDEST) {
      throw new RigException(
          "backbone %s: width must be 1 to %d, not %d".formatted(name, WIDEST, width));
    }
  }
}
