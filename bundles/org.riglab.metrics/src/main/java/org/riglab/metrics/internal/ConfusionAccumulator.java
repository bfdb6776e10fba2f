package org.riglab.metrics.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Scores;

/**
 * Pixel counts, row = label, column = prediction, over all 256 values of a byte: a prediction
 * outside the classes counts in the union of its label's class and in no other's. Pixels whose
 * label is void land in a row that no score reads.
 */
final class ConfusionAccumulator implements Accumulator {
  private static final int LABELS = 256;

  private final int classes;

  private final long[] counts = new long[LABELS * LABELS];

  ConfusionAccumulator(int classes) {
    this.classes = classes;
  }

  @Override
  public void add(byte[] prediction, byte[] label, int height, int width) {
    int pixels = Math.multiplyExact(height, width);
    if (prediction.length != pixels || label.length != pixels) {
      throw new RigException(
          "confusion: prediction of %d and label of %d pixels, expected %d x %d"
              .formatted(prediction.length, label.length, height, width));
    }
    for (byte value : label) {
      int c = Byte.toUnsignedInt(value);
      if (c >= classes && c != Dataset.VOID) {
        throw new RigException(
            "confusion: label %d, expected 0 to %d or %d (void)"
                .formatted(c, classes - 1, Dataset.VOID));
      }
    }
    for (int i = 0; i < pixels; i++) {
      counts[Byte.toUnsignedInt(label[i]) * LABELS + Byte.toUnsignedInt(prediction[i])]++;
    }
  }

  @Override
  public void merge(Accumulator other) {
    if (!(other instanceof ConfusionAccumulator that) || that.classes != classes) {
      throw new IllegalArgumentException("Not an accumulator of " + classes + " classes: " + other);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += that.counts[i];
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>mIoU is the mean over the classes whose union is not empty, mAcc the mean over the classes
   * with ground truth, pAcc correct over labelled pixels, fwIoU the IoUs weighted by the share of
   * labelled pixels. The confusion matrix has no column for predictions outside the classes: a row
   * may sum to less than the class's pixels.
   */
  @Override
  public Scores result() {
    List<Double> iou = new ArrayList<>();
    List<Double> accuracy = new ArrayList<>();
    List<List<Long>> confusion = new ArrayList<>();
    long labelled = 0;
    long correct = 0;
    double weighted = 0;
    for (int c = 0; c < classes; c++) {
      long hit = counts[c * LABELS + c];
      long truth = 0;
      for (int p = 0; p < LABELS; p++) {
        truth += counts[c * LABELS + p];
      }
      long predicted = 0;
      for (int t = 0; t < classes; t++) {
        predicted += counts[t * LABELS + c];
      }
      long union = truth + predicted - hit;
      iou.add(fraction(hit, union));
      accuracy.add(fraction(hit, truth));
      confusion.add(Arrays.stream(counts, c * LABELS, c * LABELS + classes).boxed().toList());
      labelled += truth;
      correct += hit;
      weighted += truth == 0 ? 0 : truth * ((double) hit / union);
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("mIoU", mean(iou));
    values.put("mAcc", mean(accuracy));
    values.put("pAcc", fraction(correct, labelled));
    values.put("fwIoU", labelled == 0 ? Double.NaN : weighted / labelled);
    Map<String, List<Double>> perClass = new LinkedHashMap<>();
    perClass.put("IoU", iou);
    perClass.put("accuracy", accuracy);
    return new Scores(values, perClass, confusion);
  }

  private static double fraction(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }

  /** The mean of what is defined; NaN if nothing is. */
  private static double mean(List<Double> values) {
    return values.stream()
        .mapToDouble(Double::doubleValue)
        .filter(v -> !Double.isNaN(v))
        .average()
        .orElse(Double.NaN);
  }
}
