package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;

/**
 * Cross entropy of logits against labels per pixel, as {@code torch.nn.functional.cross_entropy}
 * with {@code ignore_index} and {@code weight} computes it. Sum and weight can be asked for one by
 * one, so that a mean can span several forward passes.
 */
public final class CrossEntropy {
  private final int ignored;
  private final List<Double> classWeights;

  /**
   * @param ignored label of pixels that do not count, for example 255
   * @param classWeights one weight per class, 0 or more; empty for 1 each
   */
  public CrossEntropy(int ignored, List<Double> classWeights) {
    this.ignored = ignored;
    this.classWeights = List.copyOf(classWeights);
  }

  /**
   * The mean over the pixels that count, each weighted by its class's weight.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @return a scalar; 0 with gradient 0 if no pixel counts, where PyTorch returns NaN; attached to
   *     the logits' manager
   */
  public NDArray mean(NDArray logits, NDArray label) {
    return sum(logits, label).div(divisor(weight(label, logits.getManager())));
  }

  /**
   * Minus the log probabilities of the true classes, weighted, summed over the pixels that count.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @return a scalar, attached to the logits' manager
   */
  public NDArray sum(NDArray logits, NDArray label) {
    NDArray counts = label.neq(ignored).toType(DataType.INT64, false);
    NDArray target = label.mul(counts);
    NDArray picked = logits.logSoftmax(1).gather(target.expandDims(1), 1).squeeze(1);
    return picked.mul(weights(label, logits.getManager())).sum().neg();
  }

  /**
   * The sum of the weights of the pixels that count: what the sum is divided by to get the mean.
   *
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @param manager owner of what is made
   * @return a scalar, float32
   */
  public NDArray weight(NDArray label, NDManager manager) {
    NDArray weight = weights(label, manager).sum();
    weight.attach(manager);
    return weight;
  }

  /**
   * @param weight a total weight, 0 or more
   * @return the same, or 1 instead of 0, so that an image without labelled pixels has loss 0
   */
  public static NDArray divisor(NDArray weight) {
    return weight.add(weight.eq(0f).toType(DataType.FLOAT32, false));
  }

  private NDArray weights(NDArray label, NDManager manager) {
    NDArray counts = label.neq(ignored);
    if (classWeights.isEmpty()) {
      return counts.toType(DataType.FLOAT32, false);
    }
    float[] table = new float[classWeights.size()];
    for (int i = 0; i < table.length; i++) {
      table[i] = classWeights.get(i).floatValue();
    }
    NDArray target = label.mul(counts.toType(DataType.INT64, false));
    NDArray perPixel =
        manager.create(table).gather(target.reshape(-1), 0).reshape(target.getShape());
    return perPixel.mul(counts.toType(DataType.FLOAT32, false));
  }
}
