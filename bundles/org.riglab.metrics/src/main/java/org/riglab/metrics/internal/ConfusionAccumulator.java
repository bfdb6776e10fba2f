package org.riglab.metrics.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Maps.checkSize(ConfusionMetric.NAME, prediction, label, height, width);
    for (byte value : label) {
      Maps.checkLabel(ConfusionMetric.NAME, Byte.toUnsignedInt(value), classes);
    }
    for (int i = 0; i < label.length; i++) {
      counts[Byte.toUnsignedInt(label[i]) * LABELS + Byte.toUnsignedInt(prediction[i])]++;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Sorts the pairs of label and prediction as integers and brings each pair that occurs and its
   * count to the host.
   */
  @Override
  public void add(NDArray predictions, NDArray labels) {
    Maps.checkShape(ConfusionMetric.NAME, predictions, labels);
    try (NDArray pairs = labels.toType(DataType.INT64, true).muli(LABELS).addi(predictions);
        NDArray flat = pairs.flatten();
        NDList unique = flat.unique(true, false, true)) {
      long[] found = unique.head().toLongArray();
      long[] times = unique.get(unique.size() - 1).toLongArray();
      for (long pair : found) {
        Maps.checkLabel(ConfusionMetric.NAME, (int) pair / LABELS, classes);
      }
      for (int i = 0; i < found.length; i++) {
        counts[(int) found[i]] += times[i];
      }
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
    values.put("mIoU", Maps.mean(iou));
    values.put("mAcc", Maps.mean(accuracy));
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
}
