package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;

/**
 * Judges steps on the device and keeps their losses there, so that the host waits once for several
 * steps. A step whose loss or gradients are not finite changes nothing, and neither do those after
 * it, until the host reads which step it was.
 */
final class DeviceChecks implements AutoCloseable {
  private final StepKernels kernels;
  private final Device device;
  private final NDManager snapshots;
  private final List<Judged> judged = new ArrayList<>();
  private final List<NDArray> statistics = new ArrayList<>();
  private final List<NDArray> before = new ArrayList<>();
  private NDManager kept;
  private double largest;

  /** A step and the losses of its passes. */
  private record Judged(long step, List<NDArray> losses) {}

  /**
   * @param kernels compute; not closed
   * @param device where
   */
  DeviceChecks(StepKernels kernels, Device device) {
    this.kernels = kernels;
    this.device = device;
    this.snapshots = Torch.newManager(device);
    this.kept = Torch.newManager(device);
  }

  /**
   * Notes what forward passes change: running statistics, which have no gradient.
   *
   * @param state every parameter by name
   */
  void begin(Map<String, Parameter> state) {
    List<NDArray> now = new ArrayList<>();
    state.values().stream()
        .filter(parameter -> !parameter.requiresGradient())
        .forEach(parameter -> now.add(parameter.getArray()));
    if (!same(now, statistics)) {
      before.forEach(NDArray::close);
      before.clear();
      statistics.clear();
      statistics.addAll(now);
      for (NDArray array : now) {
        NDArray copy = array.duplicate();
        copy.attach(snapshots);
        before.add(copy);
      }
    } else if (!now.isEmpty()) {
      kernels.copy(before, statistics);
    }
  }

  /** Whether these are the same objects: equals of arrays would read them. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean same(List<NDArray> a, List<NDArray> b) {
    return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> a.get(i) == b.get(i));
  }

  /** Brings the statistics back. */
  void restore() {
    if (!statistics.isEmpty()) {
      kernels.copy(statistics, before);
    }
  }

  /** How many steps the host does not know the loss of. */
  int waiting() {
    return judged.size();
  }

  /**
   * Judges a step; if it is wrong, the statistics are brought back.
   *
   * @param step its number
   * @param losses of its passes; kept
   * @param gradients empty if they are judged elsewhere
   * @param owner of the result
   * @return the flag: whether the step must not change anything
   */
  NDArray judge(
      long step, List<NDArray> losses, List<? extends NDArray> gradients, NDManager owner) {
    List<NDArray> all = new ArrayList<>(losses);
    all.addAll(gradients);
    NDArray flag = kernels.judge(step, all, owner);
    if (!statistics.isEmpty()) {
      kernels.copyIf(flag, statistics, before);
    }
    losses.forEach(loss -> loss.attach(kept));
    judged.add(new Judged(step, losses));
    return flag;
  }

  /**
   * Waits for the device.
   *
   * @return the losses of all steps since the last time
   * @throws Steps.LateException if a step was wrong
   */
  List<Steps.Loss> read() {
    if (judged.isEmpty()) {
      return List.of();
    }
    StepKernels.Report report =
        kernels.read(judged.stream().flatMap(step -> step.losses.stream()).toList());
    List<Steps.Loss> losses = new ArrayList<>();
    int next = 0;
    for (Judged step : judged) {
      double sum = 0;
      for (int i = 0; i < step.losses.size(); i++) {
        sum += report.losses().get(next++);
      }
      if (report.wrong() == 0 || step.step < report.wrong()) {
        losses.add(new Steps.Loss(step.step, sum));
      }
    }
    drop();
    largest = report.largest();
    if (report.wrong() > 0) {
      throw new Steps.LateException(report.wrong(), losses);
    }
    return losses;
  }

  /** The largest norm of the gradients of the steps that were read last. */
  double largest() {
    return largest;
  }

  private void drop() {
    judged.clear();
    kept.close();
    kept = Torch.newManager(device);
  }

  @Override
  public void close() {
    kept.close();
    snapshots.close();
  }
}
