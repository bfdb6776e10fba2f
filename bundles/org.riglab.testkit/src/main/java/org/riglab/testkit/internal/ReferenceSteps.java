package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.riglab.api.data.Dataset;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.CrossEntropy;
import org.riglab.training.Optimizers;

/** The training steps of the parity cases: one fixed recipe, every number visible. */
final class ReferenceSteps implements AutoCloseable {
  private static final double WEIGHT_DECAY = 5e-4;
  private static final double MOMENTUM = 0.9;

  private final CrossEntropy loss = new CrossEntropy(Dataset.VOID, List.of());
  private final Optimizers.Updates sgd;

  /**
   * @param optimizers of the trainer
   * @param device where the parameters are
   */
  ReferenceSteps(Optimizers optimizers, Device device) {
    sgd = optimizers.sgd(device, MOMENTUM);
  }

  /**
   * Does one step.
   *
   * @param manager of this step
   * @param state parameters by name
   * @param forward computes logits (N, C, H, W) in training mode
   * @param label (N, H, W) int64
   * @param gradients is shown every gradient by its parameter's name before the step
   * @return the loss
   */
  double step(
      NDManager manager,
      Map<String, Parameter> state,
      Supplier<NDArray> forward,
      NDArray label,
      BiConsumer<String, NDArray> gradients) {
    double value =
        Torch.withGrad(
            true,
            () -> {
              NDArray mean = loss.mean(forward.get(), label);
              JniUtils.backward((PtNDArray) mean, (PtNDArray) mean.onesLike(), false, false);
              return (double) mean.getFloat();
            });
    Torch.withoutGrad(
        () -> {
          sgd.step(state, manager, ReferenceSteps::group, gradients);
          return null;
        });
    return value;
  }

  private static Optimizers.Group group(String name) {
    return new Optimizers.Group(name.startsWith("backbone.") ? 0.01 : 0.1, WEIGHT_DECAY);
  }

  @Override
  public void close() {
    sgd.close();
  }
}
