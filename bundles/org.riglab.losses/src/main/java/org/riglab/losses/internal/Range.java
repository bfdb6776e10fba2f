package org.riglab.losses.internal;

import org.riglab.api.RigException;

/** Refuses options of losses that are out of range. */
final class Range {
  private Range() {}

  /**
   * @param loss its name
   * @param option as it is written
   * @param value that was given
   * @param holds whether it is in range
   * @param right the range
   * @throws RigException unless it is in range
   */
  static void require(String loss, String option, Object value, boolean holds, String right) {
    if (!holds) {
      throw new RigException(
          "loss %s: option '%s' is %s; it must be %s".formatted(loss, option, value, right));
    }
  }
}
