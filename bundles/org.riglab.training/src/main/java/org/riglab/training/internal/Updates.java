package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.bench.TrainSpec.Optimiser;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;

/** Turns the gradients of steps into other weights. */
final class Updates implements AutoCloseable {
  private final Optimiser spec;
  private final LearningRate learningRate;
  private final Groups groups;
  private final Kernels kernels;
  private final StepKernels stepKernels;
  private final FiniteChecks finite;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final Optional<LossScale> scale;
  private boolean fresh = true;

  /**
   * @param session the network
   * @param spec of the optimizer
   * @param learningRate of each step
   * @param scaled whether losses are scaled
   * @param stepKernels compute; not closed
   * @param device where the network computes
   */
  Updates(
      Session session,
      Optimiser spec,
      LearningRate learningRate,
      boolean scaled,
      StepKernels stepKernels,
      Device device) {
    this.spec = spec;
    this.learningRate = learningRate;
    this.groups = Groups.of(spec);
    this.kernels = new Kernels(device);
    this.stepKernels = stepKernels;
    this.finite = new FiniteChecks(session, kernels);
    this.optimizer = optimizer(spec, kernels, device);
    this.average = average(spec, kernels, device);
    this.scale = scaled ? Optional.of(new LossScale(optimizer, stepKernels)) : Optional.empty();
  }

  static Optimizer optimizer(Optimiser spec, Kernels kernels, Device device) {
    return spec.optimizer().equals("adamw")
        ? new AdamW(Torch.engine(), kernels, device, spec.beta1(), spec.beta2())
        : new Sgd(Torch.engine(), kernels, device, spec.momentum());
  }

  static Optional<MovingAverage> average(Optimiser spec, Kernels kernels, Device device) {
    return spec.ema() > 0
        ? Optional.of(new MovingAverage(spec.ema(), kernels, device))
        : Optional.empty();
  }

  Optimizer optimizer() {
    return optimizer;
  }

  Optional<MovingAverage> average() {
    return average;
  }

  /** Says that the network's parameters are other ones. */
  void renewed() {
    fresh = true;
  }

  /** The loss to go back from. */
  NDArray scaled(NDArray loss) {
    return scale.isPresent() ? scale.get().times(loss) : loss;
  }

  /**
   * An update that the host waits for.
   *
   * @param step 1 for the first
   * @param state every parameter by name
   * @param sub owner of what is made
   * @throws Stepper.NotFiniteException if a gradient is not finite
   */
  void update(long step, Map<String, Parameter> state, NDManager sub) {
    Gradients gradients = gradients(state, sub);
    double largest = Double.POSITIVE_INFINITY; // norm of a gradient; not known where it is scaled
    Optimizer.Verdict verdict = optimizer.fine();
    if (scale.isPresent()) {
      if (!scale.get().unscale(gradients, sub)) {
        return;
      }
      verdict = new Optimizer.Verdict(verdict.flag(), scale.get().skipped(sub));
    } else {
      largest = finite.largest(gradients);
    }
    optimize(step, state, gradients, verdict);
    finite.requireAfter(state, step, learningRate.of(step), largest);
    average.ifPresent(mean -> mean.update(state));
  }

  /**
   * An update that the device decides on.
   *
   * @param step 1 for the first
   * @param state every parameter by name
   * @param checks judge the step
   * @param losses of its passes; kept
   * @param sub owner of what is made
   */
  void updateIfFine(
      long step,
      Map<String, Parameter> state,
      DeviceChecks checks,
      List<NDArray> losses,
      NDManager sub) {
    Gradients gradients = gradients(state, sub);
    NDArray wrong =
        checks.judge(step, losses, scale.isPresent() ? List.of() : gradients.arrays(), sub);
    Optimizer.Verdict verdict = new Optimizer.Verdict(wrong, optimizer.fine().skipped());
    if (scale.isPresent()) {
      NDArray skip = scale.get().unscale(gradients, wrong, sub);
      verdict = new Optimizer.Verdict(skip, scale.get().skipped(sub));
    }
    optimize(step, state, gradients, verdict);
    NDArray flag = verdict.flag();
    average.ifPresent(
        mean ->
            mean.update(state, (share, from, to) -> stepKernels.lerpUnless(flag, share, from, to)));
  }

  private Gradients gradients(Map<String, Parameter> state, NDManager sub) {
    Gradients gradients = Gradients.of(state, sub);
    if (fresh) {
      gradients.normaliseZeros();
      fresh = false;
    }
    return gradients;
  }

  private void optimize(
      long step, Map<String, Parameter> state, Gradients gradients, Optimizer.Verdict verdict) {
    if (spec.clipNorm() > 0) {
      gradients.clip(spec.clipNorm(), kernels);
    }
    double rate = learningRate.of(step);
    optimizer.step(
        gradients,
        name -> groups.group(name, state.get(name).getArray().getShape().dimension(), rate),
        step,
        verdict);
  }

  /**
   * Checks the weights after steps that the host did not wait for.
   *
   * @param state every parameter by name
   * @param step the last of them
   * @param largest norm of a gradient
   * @throws Stepper.NotFiniteWeightException if one is not finite
   */
  void requireFinite(Map<String, Parameter> state, long step, double largest) {
    finite.requireAfter(
        state, step, learningRate.of(step), scale.isPresent() ? Double.POSITIVE_INFINITY : largest);
  }

  /**
   * Checks the weights.
   *
   * @param state every parameter by name
   * @param step after which they are looked at
   * @throws Stepper.NotFiniteWeightException if one is not finite
   */
  void requireFinite(Map<String, Parameter> state, long step) {
    finite.require(state, step);
  }

  @Override
  public void close() {
    optimizer.close();
    average.ifPresent(MovingAverage::close);
    kernels.close();
  }
}
