package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.riglab.networks.engine.Labels;
import org.riglab.nn.Functional;

/** The class of each pixel of an answer that is larger than its map, some classes at a time. */
final class LargeLabels {
  /** Numbers that are held at once: 64 MiB. */
  private static final long MOST = 1 << 24;

  private LargeLabels() {}

  /**
   * @param map logits or probabilities (N, C, h, w)
   * @param answer (H, W)
   * @param manager of the labels
   * @return labels (N, H, W), uint8, the first of equals
   */
  static NDArray of(NDArray map, Shape answer, NDManager manager) {
    return of(map, answer, manager, MOST);
  }

  /** As above, with at most so many numbers at once, but those of one class. */
  static NDArray of(NDArray map, Shape answer, NDManager manager, long most) {
    Shape shape = map.getShape();
    long classes = shape.get(1);
    int step = (int) Math.max(1, Math.min(classes, most / (shape.get(0) * answer.size())));
    NDArray labels = null;
    NDArray values = null;
    try (NDManager all = map.getManager().newSubManager()) {
      for (int first = 0; first < classes; first += step) {
        long end = Math.min(classes, first + step);
        try (NDManager some = all.newSubManager()) {
          NDArray part = map.get(some, new NDIndex(":,{}:{}", first, end));
          NDArray resized = Functional.interpolate(part, answer.get(0), answer.get(1));
          NDArray best = Labels.of(resized).add(first);
          NDArray peak = resized.max(new int[] {1});
          if (labels != null) {
            NDArray more = peak.gt(values);
            best = NDArrays.where(more, best, labels);
            peak = NDArrays.where(more, peak, values);
            labels.close();
            values.close();
          }
          best.attach(all);
          peak.attach(all);
          labels = best;
          values = peak;
        }
      }
      labels.attach(manager);
      return labels;
    }
  }
}
