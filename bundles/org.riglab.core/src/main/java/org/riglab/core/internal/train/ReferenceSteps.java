package org.riglab.core.internal.train;

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
import org.riglab.core.internal.engine.Kernels;
import org.riglab.core.internal.engine.Torch;
import org.riglab.nn.CrossEntropy;

/** The training steps of the parity cases: one fixed recipe, every number visible. */
public final class ReferenceSteps implements AutoCloseable {
  private static final double WEIGHT_DECAY = 5e-4;

  private final CrossEntropy loss = new CrossEntropy(Dataset.VOID, List.of());
  private final Kernels kernels;
  private final Sgd sgd;
  private long done;

  /**
   * @param device where the parameters are
   */
  public ReferenceSteps(Device device) {
    kernels = new Kernels(device);
    sgd = new Sgd(Torch.engine(), kernels, device, 0.9);
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
  public double step(
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
          Gradients all = Gradients.of(state, manager);
          all.entries().forEach(entry -> gradients.accept(entry.name(), entry.gradient()));
          done++;
          sgd.step(
              all,
              name -> new Optimizer.Group(name.startsWith("backbone.") ? 0.01 : 0.1, WEIGHT_DECAY),
              done);
          Gradients.zero(state);
          return null;
        });
    return value;
  }

  @Override
  public void close() {
    sgd.close();
    kernels.close();
  }
}
