package org.riglab.api.metric;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The running state of a metric over a split, in bounded memory. Not thread safe: use one
 * accumulator per thread and merge them.
 */
@ConsumerType
public interface Accumulator {
  /**
   * Adds one map.
   *
   * @param prediction height*width bytes, row by row, the predicted class, unsigned
   * @param label height*width bytes, row by row; 255 (void) is ignored
   * @param height in pixels
   * @param width in pixels
   */
  void add(byte[] prediction, byte[] label, int height, int width);

  /**
   * Adds several maps of one size that may be on another device. The scores are the same as with
   * {@link #add(byte[], byte[], int, int)}, which the default implementation calls with copies. A
   * metric that computes on the device of the maps avoids the copies.
   *
   * @param predictions (N, H, W), uint8, as above; belongs to the caller
   * @param labels (N, H, W), uint8, as above, on the same device; belongs to the caller
   */
  default void add(NDArray predictions, NDArray labels) {
    Shape shape = predictions.getShape();
    int height = (int) shape.get(1);
    int width = (int) shape.get(2);
    int pixels = height * width;
    byte[] predicted = predictions.toByteArray();
    byte[] truth = labels.toByteArray();
    for (int from = 0; from < predicted.length; from += pixels) {
      add(
          Arrays.copyOfRange(predicted, from, from + pixels),
          Arrays.copyOfRange(truth, from, from + pixels),
          height,
          width);
    }
  }

  /**
   * Adds the state of another accumulator of the same metric.
   *
   * @param other the other accumulator; not modified
   */
  void merge(Accumulator other);

  /**
   * @return the scores over everything added so far
   */
  Scores result();
}
