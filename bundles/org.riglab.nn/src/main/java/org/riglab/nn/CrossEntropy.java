package org.riglab.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cross entropy of logits and labels per pixel, like {@code torch.nn.functional.cross_entropy} with
 * {@code ignore_index} and {@code weight}. Sum and weight are available separately, so that a mean
 * can span several forward passes.
 *
 * <p>With superclasses it can be combined with a coarse cross entropy (Zamir et al., Feedback
 * Networks, CVPR 2017, section 3.3), in which the probability of a superclass is the sum over its
 * classes. A pixel has the weight of its class in both.
 */
public final class CrossEntropy {
  private final int ignored;
  private final List<Double> classWeights;
  private final List<Integer> superclasses;

  /**
   * @param ignored label of pixels that are ignored, for example 255
   * @param classWeights one weight per class, 0 or more; empty for 1 each
   */
  public CrossEntropy(int ignored, List<Double> classWeights) {
    this(ignored, classWeights, List.of());
  }

  /**
   * @param ignored label of pixels that are ignored, for example 255
   * @param classWeights one weight per class, 0 or more; empty for 1 each
   * @param superclasses the superclass of each class, from 0 without a gap; empty for none
   */
  public CrossEntropy(int ignored, List<Double> classWeights, List<Integer> superclasses) {
    this.ignored = ignored;
    this.classWeights = List.copyOf(classWeights);
    this.superclasses = List.copyOf(superclasses);
  }

  /**
   * @return label of pixels that are ignored
   */
  public int ignored() {
    return ignored;
  }

  /**
   * @return one weight per class; empty for 1 each
   */
  public List<Double> classWeights() {
    return classWeights;
  }

  /**
   * @return whether there are superclasses
   */
  public boolean coarse() {
    return !superclasses.isEmpty();
  }

  /**
   * Computes the mean over the pixels that are not ignored, weighted by the weights of their
   * classes.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @return a scalar; 0 with gradient 0 if all pixels are ignored, for which PyTorch returns NaN;
   *     attached to the logits' manager
   */
  public NDArray mean(NDArray logits, NDArray label) {
    return sum(logits, label).div(divisor(weight(label, logits.getManager())));
  }

  /**
   * Computes the negative weighted sum of the log probabilities of the true classes over the pixels
   * that are not ignored.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @return a scalar, attached to the logits' manager
   */
  public NDArray sum(NDArray logits, NDArray label) {
    return sum(logits, label, 1);
  }

  /**
   * Computes the weighted combination with the coarse cross entropy.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @param fine share of the cross entropy of the classes, 0 to 1; the remainder is that of the
   *     coarse one. Requires superclasses if less than 1
   * @return a scalar, attached to the logits' manager
   */
  public NDArray sum(NDArray logits, NDArray label, double fine) {
    Optional<RecordedArray> recorded = RecordedArray.of(logits);
    if (fine == 1 && recorded.isPresent()) {
      return recorded.get().crossEntropy(label, table(logits), ignored);
    }
    NDArray target = target(label);
    NDArray logs = logits.logSoftmax(1);
    NDArray picked = fine > 0 ? Functional.times(pick(logs, target), fine) : null;
    if (fine < 1) {
      NDArray coarse =
          Functional.times(pick(coarse(logs), superclass(target, logits.getManager())), 1 - fine);
      picked = picked == null ? coarse : picked.add(coarse);
    }
    return picked.mul(weights(label, logits.getManager())).sum().neg();
  }

  /**
   * Computes {@link #sum(NDArray, NDArray)} with label smoothing: the target of a pixel is 1 -
   * smoothing for its class, and in addition smoothing / C for every class, as in {@code
   * torch.nn.functional.cross_entropy(label_smoothing=...)}. There each class has its own weight.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @param smoothing 0 to less than 1
   * @return a scalar, attached to the logits' manager
   */
  public NDArray smoothedSum(NDArray logits, NDArray label, double smoothing) {
    Optional<RecordedArray> recorded = RecordedArray.of(logits);
    if (recorded.isPresent()) {
      return recorded.get().crossEntropy(label, table(logits), ignored, smoothing);
    }
    long classes = logits.getShape().get(1);
    NDArray logs = logits.logSoftmax(1);
    NDArray own = pick(logs, target(label)).mul(weights(label, logits.getManager())).sum();
    NDArray counts = label.neq(ignored).toType(DataType.FLOAT32, false).expandDims(1);
    NDArray all = logs.mul(table(logits).reshape(1, classes, 1, 1)).mul(counts).sum();
    return Functional.times(own, smoothing - 1).sub(Functional.times(all, smoothing / classes));
  }

  /**
   * Computes the log probability of each pixel's true class, for losses such as focal loss.
   *
   * @param logits (N, C, H, W)
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @return (N, H, W), 0 or less; for ignored pixels the value of class 0, so multiply by {@link
   *     #weights}
   */
  public NDArray logProbability(NDArray logits, NDArray label) {
    return pick(logits.logSoftmax(1), target(label));
  }

  /** One weight per class, (C); 1 if none is given. */
  private NDArray table(NDArray logits) {
    float[] table = new float[Math.toIntExact(logits.getShape().get(1))];
    Arrays.fill(table, 1);
    for (int c = 0; c < classWeights.size(); c++) {
      table[c] = classWeights.get(c).floatValue();
    }
    return logits.getManager().create(table);
  }

  private NDArray target(NDArray label) {
    return label.mul(label.neq(ignored).toType(DataType.INT64, false));
  }

  private static NDArray pick(NDArray logs, NDArray target) {
    return logs.gather(target.expandDims(1), 1).squeeze(1);
  }

  private NDArray superclass(NDArray target, NDManager manager) {
    long[] table = superclasses.stream().mapToLong(Integer::longValue).toArray();
    return manager.create(table).gather(target.reshape(-1), 0).reshape(target.getShape());
  }

  /** From log probabilities (N, C, H, W) to those of the superclasses (N, S, H, W). */
  private NDArray coarse(NDArray logs) {
    int count = Collections.max(superclasses) + 1;
    NDList coarse = new NDList(count);
    for (int s = 0; s < count; s++) {
      int superclass = s;
      int[] members =
          IntStream.range(0, superclasses.size())
              .filter(c -> superclasses.get(c) == superclass)
              .toArray();
      coarse.add(logSumExp(logs, members));
    }
    return NDArrays.concat(coarse, 1);
  }

  /** Subtracts the largest value first, so that sums of small probabilities do not underflow. */
  private static NDArray logSumExp(NDArray logs, int... channels) {
    NDList members = new NDList(channels.length);
    for (int channel : channels) {
      members.add(logs.get(new NDIndex(":, {}:{}", channel, channel + 1)));
    }
    if (members.size() == 1) {
      return members.head(); // the engine's concatenation of one array has no gradient
    }
    NDArray x = NDArrays.concat(members, 1);
    int[] axis = {1};
    NDArray most = x.stopGradient().max(axis, true);
    return x.sub(most).exp().sum(axis, true).log().add(most);
  }

  /**
   * Computes the sum of the weights of the pixels, which is the divisor of the mean.
   *
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @param manager owner of the result
   * @return a scalar, float32
   */
  public NDArray weight(NDArray label, NDManager manager) {
    NDArray weight = weights(label, manager).sum();
    weight.attach(manager);
    return weight;
  }

  /**
   * @param weight a total weight, 0 or more
   * @return the weight, or 1 instead of 0, so that an image without labelled pixels has loss 0
   */
  public static NDArray divisor(NDArray weight) {
    return weight.add(weight.eq(0f).toType(DataType.FLOAT32, false));
  }

  /**
   * Computes the weight of each pixel: the weight of its class, or 0 for an ignored pixel.
   *
   * @param label (N, H, W), int64, 0 to C-1 or the ignored label
   * @param manager owner of the result
   * @return (N, H, W), float32
   */
  public NDArray weights(NDArray label, NDManager manager) {
    NDArray counts = label.neq(ignored);
    if (classWeights.isEmpty()) {
      return counts.toType(DataType.FLOAT32, false);
    }
    float[] table = new float[classWeights.size()];
    for (int i = 0; i < table.length; i++) {
      table[i] = classWeights.get(i).floatValue();
    }
    NDArray perPixel =
        manager.create(table).gather(target(label).reshape(-1), 0).reshape(label.getShape());
    return perPixel.mul(counts.toType(DataType.FLOAT32, false));
  }
}
