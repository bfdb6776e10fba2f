package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.List;
import org.riglab.api.bench.Inspection.Flips;
import org.riglab.api.bench.Inspection.ImageResult;
import org.riglab.api.data.Dataset;

/** Counts of correct pixels and of changes per iteration. */
final class IterationCounts {
  private final int classes;
  private final List<long[][]> counts = new ArrayList<>();
  private final List<long[]> flips = new ArrayList<>();
  private final List<ImageResult> images = new ArrayList<>();
  private long labelled;

  IterationCounts(int classes) {
    this.classes = classes;
  }

  /**
   * Adds an image.
   *
   * @param predictions per iteration, as many for every image
   */
  void add(String id, byte[] label, List<byte[]> predictions) {
    List<Double> ious = new ArrayList<>();
    List<Double> accuracies = new ArrayList<>();
    for (int t = 0; t < predictions.size(); t++) {
      if (counts.size() == t) {
        counts.add(new long[3][classes]);
        flips.add(new long[3]);
      }
      ImageScores one = new ImageScores(classes);
      one.add(id, predictions.get(t), label);
      var score = one.images().get(0);
      for (int c = 0; c < classes; c++) {
        counts.get(t)[0][c] += score.correct().get(c);
        counts.get(t)[1][c] += score.predicted().get(c);
        counts.get(t)[2][c] += score.labelled().get(c);
      }
      ious.add(score.meanIou());
      accuracies.add(score.accuracy());
      if (t > 0) {
        flip(label, predictions.get(t - 1), predictions.get(t), flips.get(t));
      }
    }
    for (byte value : label) {
      labelled += (value & 0xff) == Dataset.VOID ? 0 : 1;
    }
    images.add(new ImageResult(id, ious, accuracies));
  }

  private static void flip(byte[] label, byte[] before, byte[] now, long[] flips) {
    for (int i = 0; i < label.length; i++) {
      if ((label[i] & 0xff) != Dataset.VOID && before[i] != now[i]) {
        flips[now[i] == label[i] ? 0 : before[i] == label[i] ? 1 : 2]++;
      }
    }
  }

  List<Flips> flips() {
    double all = labelled;
    return flips.stream().map(f -> new Flips(f[0] / all, f[1] / all, f[2] / all)).toList();
  }

  List<List<Double>> iou() {
    List<List<Double>> iou = new ArrayList<>();
    for (long[][] count : counts) {
      List<Double> row = new ArrayList<>();
      for (int c = 0; c < classes; c++) {
        row.add(count[0][c] / (double) (count[1][c] + count[2][c] - count[0][c]));
      }
      iou.add(row);
    }
    return iou;
  }

  /** In the order of their addition. */
  List<ImageResult> images() {
    return images;
  }
}
