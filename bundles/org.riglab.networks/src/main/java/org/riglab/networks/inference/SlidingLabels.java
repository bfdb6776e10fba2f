package org.riglab.networks.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.riglab.networks.engine.Labels;

/**
 * Labels an image by windows, from top to bottom. Of the sums of probabilities it holds the rows
 * that one row of windows covers; a row of pixels that no further window covers is labelled.
 */
final class SlidingLabels implements AutoCloseable {
  private final Windows windows;
  private final NDManager manager;
  private final NDManager own;
  private final NDList labels = new NDList();
  private NDList sums = new NDList();

  /**
   * @param windows that cover the image
   * @param manager of the labels
   */
  SlidingLabels(Windows windows, NDManager manager) {
    this.windows = windows;
    this.manager = manager;
    this.own = manager.newSubManager();
  }

  /**
   * @param picture the image
   * @param models whose probabilities are added
   * @param pass logits of a model for a window
   * @param probabilities of logits, at the size of a window
   * @return labels per prediction (N, H, W), uint8
   */
  NDList of(
      Picture picture,
      List<Model> models,
      BiFunction<Model, NDArray, NDList> pass,
      UnaryOperator<NDArray> probabilities) {
    List<Integer> tops = windows.tops();
    for (int row = 0; row < tops.size(); row++) {
      int top = tops.get(row);
      for (int left : windows.lefts()) {
        for (Model model : models) {
          try (NDManager step = own.newSubManager()) {
            NDArray crop =
                picture.crop(step, top, left, windows.windowHeight(), windows.windowWidth());
            add(pass.apply(model, crop), left, probabilities, step);
          }
        }
      }
      int next = row + 1 < tops.size() ? tops.get(row + 1) : windows.height();
      label(top, next);
    }
    return labels;
  }

  private void add(NDList logits, int left, UnaryOperator<NDArray> probabilities, NDManager step) {
    carry(logits.size());
    NDIndex columns = new NDIndex(":,:,:,{}:{}", left, left + windows.windowWidth());
    for (int t = 0; t < Math.max(logits.size(), sums.size()); t++) {
      NDArray map = logits.get(Math.min(t, logits.size() - 1));
      Shape shape = map.getShape();
      if (sums.size() == t) {
        long images = shape.get(0);
        sums.add(
            own.zeros(new Shape(images, shape.get(1), windows.windowHeight(), windows.width())));
        labels.add(
            manager.zeros(new Shape(images, windows.height(), windows.width()), DataType.UINT8));
      }
      try (NDArray values = probabilities.apply(map)) {
        sums.get(t).get(step, columns).addi(values); // a view: no copy of the sum
      }
    }
  }

  /** Windows before had fewer predictions: their last ones stand for the others. */
  private void carry(int predictions) {
    while (!sums.isEmpty() && sums.size() < predictions) {
      sums.add(sums.get(sums.size() - 1).duplicate());
      labels.add(labels.get(labels.size() - 1).duplicate());
    }
  }

  /** Labels the rows that are complete and moves the others up. */
  private void label(int top, int next) {
    NDList moved = new NDList();
    for (int t = 0; t < sums.size(); t++) {
      NDArray sum = sums.get(t);
      try (NDManager step = own.newSubManager()) {
        NDArray best = Labels.of(sum.get(step, new NDIndex(":,:,:{}", next - top)));
        best.attach(step);
        labels.get(t).get(step, new NDIndex(":,{}:{}", top, next)).addi(best);
        if (next < windows.height()) {
          NDArray rest = sum.get(step, new NDIndex(":,:,{}:", next - top));
          NDArray lower = own.zeros(sum.getShape());
          long rows = rest.getShape().get(2);
          lower.get(step, new NDIndex(":,:,:{}", rows)).addi(rest);
          moved.add(lower);
        }
      }
      sum.close();
    }
    sums = moved;
  }

  @Override
  public void close() {
    own.close();
  }
}
