package org.riglab.training.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Resampling;
import org.riglab.networks.engine.StepKernels;

/** The labels of one step's batches, at any size, and what they weigh altogether. */
final class Targets {
  private final List<Batch> batches;
  private final UnaryOperator<NDArray> weight;
  private final StepKernels kernels;
  private final NDManager manager;
  private final Map<Shape, Sized> sizes = new HashMap<>();

  /**
   * @param batches of the step
   * @param weight of a pass, a scalar, of its labels
   * @param kernels compute; not closed
   * @param manager owner of the arrays
   */
  Targets(
      List<Batch> batches, UnaryOperator<NDArray> weight, StepKernels kernels, NDManager manager) {
    this.batches = batches;
    this.weight = weight;
    this.kernels = kernels;
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
    List<NDArray> weights = new ArrayList<>();
    for (Batch batch : batches) {
      NDArray label = label(batch, height, width);
      weights.add(weight.apply(label));
      labels.add(label);
    }
    return new Sized(labels, kernels.divisor(weights, manager));
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
    return kernels.labels(bytes, new Shape(batch.size(), height, width), manager);
  }
}
