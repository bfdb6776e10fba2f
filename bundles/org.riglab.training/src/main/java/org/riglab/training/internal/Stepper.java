package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.TrainSpec;
import org.riglab.images.LazyPicture;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.HostReads;
import org.riglab.networks.engine.Randomness;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;

/**
 * Does the steps of a training: forward, loss, backward, update. A step either happens or leaves
 * the network as it was. Grad mode must be off in the calling thread and is off again afterwards.
 */
final class Stepper implements Steps {
  /** Steps after which the host waits for a GPU. */
  private static final int GPU_STEPS = 10;

  private final Session session;
  private final TrainSpec spec;
  private final LearningRate learningRate;
  private final Objective objective;
  private final RandomIterations iterations;
  private final long steps;
  private final MultiScaleInputs inputs;
  private final StepKernels stepKernels;
  private final DeviceChecks checks;
  private final StepKernels.Pixels pixels;
  private final int every;
  private final Updates updates;
  private final Optional<HaltingTraining> halting;
  private final Optional<FixedPointGradient> fixedPoint;
  private final NDManager manager;
  private long readThrough;

  /**
   * @param session the network
   * @param spec of the training
   * @param steps of the whole run
   * @param objective what is minimised; closed with this
   * @param device where the network computes
   */
  Stepper(Session session, TrainSpec spec, long steps, Objective objective, Device device) {
    this(session, spec, steps, objective, device, 0);
  }

  /**
   * @param session the network
   * @param spec of the training
   * @param steps of the whole run
   * @param objective what is minimised; closed with this
   * @param device where the network computes
   * @param every after how many steps the host waits for the device; 0 for each on the CPU and less
   *     often on a GPU
   */
  Stepper(
      Session session, TrainSpec spec, long steps, Objective objective, Device device, int every) {
    this.session = session;
    this.spec = spec;
    this.learningRate = LearningRate.of(spec, steps);
    this.objective = objective;
    this.iterations = RandomIterations.parse(spec.objective().randomIterations());
    this.steps = steps;
    this.stepKernels = new StepKernels(device);
    this.checks = new DeviceChecks(stepKernels, device);
    this.pixels = pixels(spec.data(), stepKernels);
    this.inputs = new MultiScaleInputs(spec.data().inputScales());
    boolean scaled =
        spec.engine().execution() == Execution.COMPILED
            && spec.engine().precision() == Precision.FP16;
    this.updates =
        new Updates(session, spec.optimiser(), learningRate, scaled, stepKernels, device);
    this.halting =
        spec.objective().halting() ? Optional.of(new HaltingTraining()) : Optional.empty();
    GradientRule rule = GradientRule.parse(spec.objective().gradient());
    this.fixedPoint =
        rule.fixedPoint() ? Optional.of(new FixedPointGradient(session, rule)) : Optional.empty();
    // these two compute on the host
    boolean reads = halting.isPresent() || fixedPoint.isPresent();
    this.every = reads ? 1 : every > 0 ? every : device.isGpu() ? GPU_STEPS : 1;
    this.manager = Torch.newManager(device);
  }

  private static StepKernels.Pixels pixels(TrainSpec.Data data, StepKernels kernels) {
    List<LazyPicture.Channel> channels =
        new Normalization(data.channels(), data.pixelRange(), data.mean(), data.std())
            .channelsInOrder();
    float[] scale = new float[channels.size()];
    float[] shift = new float[channels.size()];
    for (int c = 0; c < scale.length; c++) {
      scale[c] = channels.get(c).scale();
      shift[c] = channels.get(c).shift();
    }
    return kernels.pixels(scale, shift);
  }

  @Override
  public Optimizer optimizer() {
    return updates.optimizer();
  }

  @Override
  public Optional<MovingAverage> average() {
    return updates.average();
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
    updates.renewed();
  }

  @Override
  public double rate(long step) {
    return learningRate.of(step) * spec.optimiser().lrBackbone();
  }

  @Override
  public List<Loss> settle() {
    return read();
  }

  @Override
  public void readThrough(long step) {
    readThrough = step;
  }

  /** A step that the host waits for, because it wants to know what is wrong or what to begin. */
  private boolean waits(long step) {
    return every == 1
        || step <= readThrough
        || updates.average().filter(mean -> mean.averages().isEmpty()).isPresent();
  }

  @Override
  public List<Loss> step(long step, List<Batch> batches) {
    Map<String, Parameter> state = session.state();
    List<Loss> losses = new ArrayList<>();
    boolean waits = waits(step);
    if (waits) {
      losses.addAll(read());
    }
    try (NDManager sub = manager.newSubManager()) {
      checks.begin(state);
      boolean done = false;
      try (Randomness randomness = Randomness.hold()) {
        randomness.seed(seed(spec.budget().seed(), step));
        int count = iterations.draw(spec.budget().seed(), step, steps);
        List<NDArray> passes = backward(batches, count, waits, sub);
        if (waits) {
          updates.update(step, state, sub);
          double sum = 0;
          for (NDArray loss : passes) {
            sum += HostReads.floats(loss)[0];
          }
          losses.add(new Loss(step, sum));
        } else {
          updates.updateIfFine(step, state, checks, passes, sub);
        }
        halting.ifPresent(HaltingTraining::update);
        done = true;
      } finally {
        if (!done) {
          checks.restore();
        }
      }
    } finally {
      session.sweep();
    }
    if (checks.waiting() >= every) {
      losses.addAll(read());
    }
    return losses;
  }

  private List<Loss> read() {
    List<Loss> losses = List.of();
    try {
      try {
        losses = checks.read();
      } catch (LateException e) {
        losses = e.before();
        updates.requireFinite(session.state(), e.step() - 1);
        throw e;
      }
      if (!losses.isEmpty()) {
        long last = losses.get(losses.size() - 1).step();
        updates.requireFinite(session.state(), last, checks.largest());
      }
      return losses;
    } catch (NotFiniteWeightException e) {
      throw new NotFiniteWeightException(
          e.getMessage(),
          e.step(),
          losses.stream().filter(loss -> loss.step() < e.step()).toList());
    }
  }

  /** Returns the loss of each pass. */
  private List<NDArray> backward(List<Batch> batches, int count, boolean waits, NDManager sub) {
    halting.ifPresent(HaltingTraining::clear);
    Targets targets = new Targets(batches, objective::weight, stepKernels, sub);
    List<NDArray> losses = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      try (NDManager pass = sub.newSubManager()) {
        NDArray images = images(batches.get(i), pass);
        NDArray loss = backward(batches.get(i), images, count, targets, i, waits);
        loss.attach(sub);
        losses.add(loss);
      }
    }
    return losses;
  }

  private NDArray backward(
      Batch batch, NDArray images, int count, Targets targets, int pass, boolean waits) {
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
        session.backward(updates.scaled(loss), pass == 0);
      }
      if (waits) {
        double value = HostReads.floats(loss)[0];
        if (!Double.isFinite(value)) {
          throw new NotFiniteException(
              Double.toString(value), OptionalInt.of(pass), FiniteChecks.finite(logits.fused()));
        }
      }
      halting.ifPresent(head -> head.add(logits.fused(), batch));
      return loss.stopGradient();
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  private static MultiScaleInputs.Logits single(NDList logits) {
    return new MultiScaleInputs.Logits(List.of(logits), logits);
  }

  @Override
  public String blame(Batch batch, NotFiniteException failure) {
    if (failure.finiteLogits()) {
      return "%s returned it, although all logits are finite".formatted(objective.loss().title());
    }
    return blame(session, manager, sub -> images(batch, sub));
  }

  static String blame(Session session, NDManager manager, Function<NDManager, NDArray> images) {
    try (NDManager sub = manager.newSubManager()) {
      return session.blame(images.apply(sub), true);
    } finally {
      session.sweep();
    }
  }

  private NDArray images(Batch batch, NDManager owner) {
    Shape shape = shape(batch);
    return batch.raw()
        ? stepKernels.images(batch.images(), shape, pixels, owner)
        : owner.create(batch.images(), shape, DataType.FLOAT32);
  }

  private static Shape shape(Batch batch) {
    return new Shape(batch.size(), 3, batch.height(), batch.width());
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
    updates.close();
    checks.close();
    stepKernels.close();
    manager.close();
  }

  /** An update made a weight NaN or infinite; the network cannot be used any more. */
  static final class NotFiniteWeightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long step;
    private final transient List<Loss> before;

    /**
     * @param name of the first one
     * @param step whose update made it
     * @param before losses of the steps before it that were not returned yet
     */
    NotFiniteWeightException(String name, long step, List<Loss> before) {
      super(name);
      this.step = step;
      this.before = List.copyOf(before);
    }

    List<Loss> before() {
      return before;
    }

    long step() {
      return step;
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
