package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Resampling;

/** The labels of one step's batches, at any size, and what they weigh altogether. */
final class Targets {
  private final List<Batch> batches;
  private final LeasedLoss loss;
  private final NDManager manager;
  private final Map<Shape, Sized> sizes = new HashMap<>();

  /**
   * @param batches of the step
   * @param loss weighs passes
   * @param manager owner of the arrays
   */
  Targets(List<Batch> batches, LeasedLoss loss, NDManager manager) {
    this.batches = batches;
    this.loss = loss;
    this.manager = manager;
  }

  /**
   * Labels at one size.
   *
   * @param labels per batch, (N, height, width), int64
   * @param divisor total weight of their pixels, a scalar; 1 if there is none
   */
  record Sized(List<NDArray> labels, NDArray divisor) {}

  /**
   * @param batch index in the step
   * @return the labels of all batches at that one's own size
   */
  Sized full(int batch) {
    return at(batches.get(batch).height(), batches.get(batch).width());
  }

  /**
   * @param height in pixels
   * @param width in pixels
   * @return the labels of all batches at that size, each the nearest to the pixel's centre
   */
  Sized at(long height, long width) {
    return sizes.computeIfAbsent(new Shape(height, width), size -> make((int) height, (int) width));
  }

  private Sized make(int height, int width) {
    List<NDArray> labels = new ArrayList<>();
    NDArray weight = null;
    for (Batch batch : batches) {
      NDArray label = label(batch, height, width);
      NDArray own = loss.weight(label);
      weight = weight == null ? own : weight.add(own);
      labels.add(label);
    }
    return new Sized(labels, weight.add(weight.eq(0f).toType(DataType.FLOAT32, false)));
  }

  private NDArray label(Batch batch, int height, int width) {
    ByteBuffer bytes = batch.labels();
    if (batch.height() != height || batch.width() != width) {
      bytes = ByteBuffer.allocateDirect(batch.size() * height * width);
      for (int i = 0; i < batch.size(); i++) {
        bytes.put(Resampling.label(batch.label(i), batch.height(), batch.width(), height, width));
      }
      bytes.rewind();
    }
    Shape shape = new Shape(batch.size(), height, width);
    try (NDArray shared = manager.create(bytes, shape, DataType.UINT8)) {
      return shared.toType(DataType.INT64, true);
    }
  }
}
