package org.riglab.transforms.internal;

import org.riglab.api.RigException;

/** Refuses options of transforms that are out of range. */
final class Range {
  private Range() {}

  /**
   * @param transform its name
   * @param option as it is written
   * @param value that was given
   * @param most the largest permitted one
   * @return the value
   * @throws RigException unless it is 0 to the largest
   */
  static double upTo(String transform, String option, double value, double most) {
    String limit = most == Math.rint(most) ? Long.toString((long) most) : Double.toString(most);
    if (!(value >= 0 && value <= most)) {
      throw new RigException(
          "transform %s: option '%s' is %s; it must be 0 to %s"
              .formatted(transform, option, value, limit));
    }
    return value;
  }
}
