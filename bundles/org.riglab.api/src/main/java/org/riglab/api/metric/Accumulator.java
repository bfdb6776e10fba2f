package org.riglab.api.metric;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The running state of a metric over a split, in bounded memory. Not thread safe: merge instead.
 */
@ConsumerType
public interface Accumulator {
  /**
   * Adds one map.
   *
   * @param prediction height*width bytes, row by row, the predicted class, unsigned
   * @param label height*width bytes, row by row; 255 (void) does not count
   * @param height in pixels
   * @param width in pixels
   */
  void add(byte[] prediction, byte[] label, int height, int width);

  /**
   * Adds everything that another accumulator of the same metric has seen.
   *
   * @param other left as it is
   */
  void merge(Accumulator other);

  /**
   * @return the scores over everything added so far
   */
  Scores result();
}
