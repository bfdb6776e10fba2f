package org.riglab.metrics.internal;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;

/** What every metric asks of the maps it is given. */
final class Maps {
  private Maps() {}

  /**
   * @param metric name of the metric
   * @param classes how many there are
   * @throws RigException if a byte cannot hold them beside void
   */
  static void checkClasses(String metric, int classes) {
    if (!ClassTable.allows(classes)) {
      throw new RigException(
          "%s: %d classes, expected %d to %d"
              .formatted(metric, classes, ClassTable.LEAST, ClassTable.MOST));
    }
  }

  /**
   * @param metric name of the metric
   * @param prediction predicted map
   * @param label what it is compared with
   * @param height in pixels
   * @param width in pixels
   * @throws RigException if a map has another size
   */
  static void checkSize(String metric, byte[] prediction, byte[] label, int height, int width) {
    int pixels = Math.multiplyExact(height, width);
    if (prediction.length != pixels || label.length != pixels) {
      throw new RigException(
          "%s: prediction of %d and label of %d pixels, expected %d x %d"
              .formatted(metric, prediction.length, label.length, height, width));
    }
  }

  /**
   * @param metric name of the metric
   * @param predictions predicted maps
   * @param labels what they are compared with
   * @throws RigException if their shapes differ
   */
  static void checkShape(String metric, NDArray predictions, NDArray labels) {
    if (!predictions.getShape().equals(labels.getShape())) {
      throw new RigException(
          "%s: predictions of shape %s and labels of shape %s, expected the same"
              .formatted(metric, predictions.getShape(), labels.getShape()));
    }
  }

  /**
   * @param metric name of the metric
   * @param label a label
   * @param classes how many there are
   * @throws RigException if it is neither a class nor void
   */
  static void checkLabel(String metric, int label, int classes) {
    if (label >= classes && label != Dataset.VOID) {
      throw new RigException(
          "%s: label %d, expected 0 to %d or %d (void)"
              .formatted(metric, label, classes - 1, Dataset.VOID));
    }
  }

  /**
   * @param values some of them NaN
   * @return the mean of what is defined; NaN if nothing is
   */
  static double mean(List<Double> values) {
    return values.stream()
        .mapToDouble(Double::doubleValue)
        .filter(v -> !Double.isNaN(v))
        .average()
        .orElse(Double.NaN);
  }
}
