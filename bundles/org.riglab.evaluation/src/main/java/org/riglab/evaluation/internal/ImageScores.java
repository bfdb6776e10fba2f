package org.riglab.evaluation.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.bench.ImageScore;
import org.riglab.api.data.Dataset;

/** Counts the pixels of every image on its own. */
final class ImageScores {
  private final int classes;
  private final List<ImageScore> images = new ArrayList<>();

  ImageScores(int classes) {
    this.classes = classes;
  }

  /**
   * Adds an image.
   *
   * @param id of the image
   * @param prediction of the label's size
   * @param label void does not count
   */
  void add(String id, byte[] prediction, byte[] label) {
    long[] correct = new long[classes];
    long[] predicted = new long[classes];
    long[] labelled = new long[classes];
    for (int i = 0; i < label.length; i++) {
      int truth = label[i] & 0xff;
      int guess = prediction[i] & 0xff;
      if (truth != Dataset.VOID) {
        labelled[truth]++;
        if (guess < classes) {
          predicted[guess]++;
        }
        correct[truth] += guess == truth ? 1 : 0;
      }
    }
    images.add(new ImageScore(id, list(correct), list(predicted), list(labelled)));
  }

  private static List<Long> list(long[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  List<ImageScore> images() {
    return List.copyOf(images);
  }
}
