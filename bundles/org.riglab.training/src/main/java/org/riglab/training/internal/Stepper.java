package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Optimiser;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Randomness;
import org.riglab.networks.engine.Torch;

/**
 * Does the steps of a training: forward, loss, backward, update. A step either happens or leaves
 * the network as it was. Grad mode must be off in the calling thread and is off again afterwards.
 */
final class Stepper implements Steps {
  /** Up to these an update does not make finite weights infinite. */
  private static final double LARGE_RATE = 10;

  private static final double LARGE_UPDATE = 1e6;

  private final Session session;
  private final TrainSpec spec;
  private final LearningRate learningRate;
  private final Objective objective;
  private final RandomIterations iterations;
  private final long steps;
  private final MultiScaleInputs inputs;
  private final Groups groups;
  private final Kernels kernels;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final Optional<LossScale> scale;
  private final Optional<HaltingTraining> halting;
  private final Optional<FixedPointGradient> fixedPoint;
  private final NDManager manager;
  private boolean fresh = true;

  /**
   * @param session the network
   * @param spec of the training
   * @param steps of the whole run
   * @param objective what is minimised; closed with this
   * @param device where the network computes
   */
  Stepper(Session session, TrainSpec spec, long steps, Objective objective, Device device) {
    this.session = session;
    this.spec = spec;
    this.learningRate = LearningRate.of(spec, steps);
    this.objective = objective;
    this.iterations = RandomIterations.parse(spec.objective().randomIterations());
    this.steps = steps;
    this.kernels = new Kernels(device);
    this.inputs = new MultiScaleInputs(spec.data().inputScales());
    this.groups = Groups.of(spec.optimiser());
    this.optimizer = optimizer(spec.optimiser(), kernels, device);
    this.average = average(spec.optimiser(), kernels, device);
    this.scale =
        spec.engine().execution() == Execution.COMPILED
                && spec.engine().precision() == Precision.FP16
            ? Optional.of(new LossScale(optimizer, kernels))
            : Optional.empty();
    this.halting =
        spec.objective().halting() ? Optional.of(new HaltingTraining()) : Optional.empty();
    GradientRule rule = GradientRule.parse(spec.objective().gradient());
    this.fixedPoint =
        rule.fixedPoint() ? Optional.of(new FixedPointGradient(session, rule)) : Optional.empty();
    this.manager = Torch.newManager(device);
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

  @Override
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public Optional<MovingAverage> average() {
    return average;
  }

  @Override
  public Optional<HaltingTraining> halting() {
    return halting;
  }

  @Override
  public Objective objective() {
    return objective;
  }

  @Override
  public void renewed() {
    fresh = true;
  }

  @Override
  public double rate(long step) {
    return learningRate.of(step) * spec.optimiser().lrBackbone();
  }

  @Override
  public void settle() {
    // a step changes the network itself
  }

  @Override
  public double step(long step, List<Batch> batches) {
    Map<String, Parameter> state = session.state();
    try (NDManager sub = manager.newSubManager()) {
      List<Copy> statistics = statistics(state, sub);
      boolean done = false;
      try (Randomness randomness = Randomness.hold()) {
        randomness.seed(seed(spec.budget().seed(), step));
        int count = iterations.draw(spec.budget().seed(), step, steps);
        double loss = backward(batches, count, sub);
        update(step, state, sub);
        halting.ifPresent(HaltingTraining::update);
        done = true;
        return loss;
      } finally {
        if (!done) {
          statistics.forEach(copy -> copy.array().set(new NDIndex("..."), copy.before()));
        }
      }
    } finally {
      session.sweep();
    }
  }

  private record Copy(NDArray array, NDArray before) {}

  /** What forward passes change: running statistics, which have no gradient. */
  private static List<Copy> statistics(Map<String, Parameter> state, NDManager sub) {
    List<Copy> copies = new ArrayList<>();
    for (Parameter parameter : state.values()) {
      if (!parameter.requiresGradient()) {
        NDArray copy = parameter.getArray().duplicate();
        copy.attach(sub);
        copies.add(new Copy(parameter.getArray(), copy));
      }
    }
    return copies;
  }

  private double backward(List<Batch> batches, int count, NDManager sub) {
    halting.ifPresent(HaltingTraining::clear);
    Targets targets = new Targets(batches, objective.loss(), sub);
    double loss = 0;
    for (int i = 0; i < batches.size(); i++) {
      try (NDManager pass = sub.newSubManager()) {
        loss += backward(batches.get(i), images(batches.get(i), pass), count, targets, i);
      }
    }
    return loss;
  }

  private double backward(Batch batch, NDArray images, int count, Targets targets, int pass) {
    JniUtils.setGradMode(true);
    try {
      MultiScaleInputs.Logits logits;
      NDArray loss;
      if (fixedPoint.isPresent()) {
        FixedPointGradient.Result result =
            fixedPoint.get().run(images, own -> objective.loss(single(own), targets, pass));
        logits = single(result.logits());
        loss = result.loss();
        session.backward(result.total(), pass == 0);
      } else {
        logits =
            inputs.forward(
                images, x -> session.forward(x, true, spec.objective().truncate(), count));
        loss = objective.loss(logits, targets, pass);
        session.backward(scale.isPresent() ? scale.get().times(loss) : loss, pass == 0);
      }
      double value = loss.getFloat();
      if (!Double.isFinite(value)) {
        throw new NotFiniteException(Double.toString(value), OptionalInt.of(pass), finite(logits));
      }
      halting.ifPresent(head -> head.add(logits.fused(), batch));
      return value;
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  private static MultiScaleInputs.Logits single(NDList logits) {
    return new MultiScaleInputs.Logits(List.of(logits), logits);
  }

  private static boolean finite(MultiScaleInputs.Logits logits) {
    return logits.fused().stream().allMatch(array -> finite(array.stopGradient()));
  }

  private void update(long step, Map<String, Parameter> state, NDManager sub) {
    Gradients gradients = Gradients.of(state, sub);
    if (fresh) {
      gradients.normaliseZeros();
      fresh = false;
    }
    long updates = step;
    double largest = Double.POSITIVE_INFINITY; // norm of a gradient; not known where it is scaled
    if (scale.isPresent()) {
      if (!scale.get().unscale(gradients)) {
        return;
      }
      updates -= scale.get().skipped(); // bias correction counts updates, as PyTorch's does
    } else {
      largest = requireFinite(gradients);
    }
    if (spec.optimiser().clipNorm() > 0) {
      gradients.clip(spec.optimiser().clipNorm(), sub);
    }
    double rate = learningRate.of(step);
    optimizer.step(
        gradients,
        name -> groups.group(name, state.get(name).getArray().getShape().dimension(), rate),
        updates);
    // Reading all weights costs a fifth of a step of a small network. What an ordinary update
    // cannot make infinite is checked by the next loss, and before it is written.
    if (rate > LARGE_RATE || rate * largest > LARGE_UPDATE) {
      requireFinite(state);
    }
    average.ifPresent(mean -> mean.update(state));
  }

  /** A rate that is too large makes weights of gradients that are finite still. */
  private void requireFinite(Map<String, Parameter> state) {
    List<String> names = List.copyOf(state.keySet());
    float[] norms = kernels.norms(names.stream().map(name -> state.get(name).getArray()).toList());
    for (int i = 0; i < norms.length; i++) {
      // The squares of large values may overflow.
      if (!Float.isFinite(norms[i]) && !finite(state.get(names.get(i)).getArray())) {
        throw new NotFiniteWeightException(names.get(i));
      }
    }
  }

  private static boolean finite(NDArray array) {
    return Float.isFinite(array.abs().max().getFloat());
  }

  /** Returns the largest norm. */
  private double requireFinite(Gradients gradients) {
    double largest = 0;
    float[] norms =
        kernels.norms(gradients.entries().stream().map(Gradients.Entry::gradient).toList());
    Set<String> wrong = new HashSet<>();
    for (int i = 0; i < norms.length; i++) {
      largest = Math.max(largest, norms[i]);
      if (!Float.isFinite(norms[i])) {
        wrong.add(gradients.entries().get(i).name());
      }
    }
    if (!wrong.isEmpty()) {
      throw new NotFiniteException(
          session.show(network -> FirstNotFinite.of(network, wrong)), OptionalInt.empty(), false);
    }
    return largest;
  }

  @Override
  public String blame(Batch batch, NotFiniteException failure) {
    if (failure.finiteLogits()) {
      return "%s returned it, although all logits are finite".formatted(objective.loss().title());
    }
    return blame(session, manager, batch);
  }

  static String blame(Session session, NDManager manager, Batch batch) {
    try (NDManager sub = manager.newSubManager()) {
      return session.blame(images(batch, sub), true);
    } finally {
      session.sweep();
    }
  }

  private static NDArray images(Batch batch, NDManager owner) {
    Shape shape = new Shape(batch.size(), 3, batch.height(), batch.width());
    return owner.create(batch.images(), shape, DataType.FLOAT32);
  }

  /** Splittable hash of both (Steele et al., 2014), so that neighbours have unrelated streams. */
  static long seed(long seed, long step) {
    long z = seed * 0x9E3779B97F4A7C15L + step;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void close() {
    objective.close();
    optimizer.close();
    average.ifPresent(MovingAverage::close);
    kernels.close();
    manager.close();
  }

  /** An update made a weight NaN or infinite; the network cannot be used any more. */
  static final class NotFiniteWeightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param name of the first one
     */
    NotFiniteWeightException(String name) {
      super(name);
    }
  }

  /** The loss or a gradient is NaN or infinite; the network is as it was before the step. */
  static final class NotFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient OptionalInt batch;
    private final boolean finiteLogits;

    NotFiniteException(String what, OptionalInt batch, boolean finiteLogits) {
      super(what);
      this.batch = batch;
      this.finiteLogits = finiteLogits;
    }

    /** Whether the loss makes it of logits that are finite. */
    boolean finiteLogits() {
      return finiteLogits;
    }

    /** Which of the step's batches has a loss that is not finite; empty if it is a gradient. */
    OptionalInt batch() {
      return batch;
    }
  }
}
