package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.TrainSpec.Engine;
import org.riglab.api.bench.Training;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.training.LossShape;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.ClassWeights;
import org.riglab.networks.engine.DeviceMemory;
import org.riglab.networks.engine.EngineFlags;
import org.riglab.networks.engine.PassMemory;
import org.riglab.networks.engine.Torch;
import org.riglab.training.StepEngine;

/** Everything that a run needs, opened and checked: network, data, transforms and loss. */
final class Preparation implements AutoCloseable {
  private final PartAccess access;
  private final Optional<Compiler> compiler;
  private final Optional<Elsewhere> elsewhere;
  private final Session session;
  private final TrainSpec spec;
  private final int every;
  private final Observer observer;
  private final TrainingInputs inputs;
  private int predictions;
  private PartInfo loss;
  private String fingerprint;
  private Monitor monitor;

  /**
   * @param access to the parts
   * @param scorers score the validation split; empty without an evaluator
   * @param compiler compiles the loss; empty without one
   * @param elsewhere executes the steps; empty for this process
   * @param session the network; closed with this, also where this cannot be made
   * @param spec of the training
   * @param every after how many steps the host waits for the device; 0 if the device decides
   * @param observer watches
   * @throws RigException if there is no such data set, directory, split or transform
   */
  Preparation(
      PartAccess access,
      Optional<Scorers> scorers,
      Optional<Compiler> compiler,
      Optional<Elsewhere> elsewhere,
      Session session,
      TrainSpec spec,
      int every,
      Observer observer) {
    this.every = every;
    this.access = access;
    this.compiler = compiler;
    this.elsewhere = elsewhere;
    this.session = session;
    this.spec = spec;
    this.observer = observer;
    TrainingInputs opened = null;
    try {
      boolean raw = elsewhere.isEmpty() && session.manager().getDevice().isGpu();
      opened = new TrainingInputs(access, scorers, spec, raw);
    } finally {
      if (opened == null) {
        session.close();
      }
    }
    this.inputs = opened;
  }

  /**
   * Executes steps in other processes.
   *
   * @param engine starts them
   * @param exporter writes the network and the loss
   */
  record Elsewhere(StepEngine engine, Exporter exporter) {}

  Session session() {
    return session;
  }

  TrainSpec spec() {
    return spec;
  }

  /**
   * Checks that network, loss and data fit each other, and reads the data.
   *
   * @param checked directory that remembers which data were good
   * @throws RigException if something does not fit, or an image cannot be read
   */
  void check(Path checked) {
    if (elsewhere.isEmpty()) {
      PassMemory.ofTraining(
              session.spec(),
              spec.budget().batch(),
              spec.transforms().size().get(0),
              spec.transforms().size().get(1))
          .require(session.manager().getDevice(), DeviceMemory.MAPS);
    }
    TrainingData data = inputs.data();
    data.requireClasses(spec.network(), session.spec().classes());
    if (data.validates() && data.val().size() > 0) {
      requireMemory(data.val());
    }
    predictions = predictions(session, spec);
    requireIterationWeights();
    requireIterations();
    LearningRate.of(spec, inputs.length().steps());
    try (LeasedLoss made = loss(List.of())) {
      loss = made.part();
      fingerprint = made.fingerprint();
    }
    monitor = inputs.monitor(spec.budget().monitor(), predictions);
    new TrainingDataCheck(data, spec.data(), checked).run(observer);
  }

  /** Not after the first epoch. Later images may be larger: each batch is checked as well. */
  private void requireMemory(Split val) {
    Sample first;
    try {
      first = val.sample(0);
    } catch (RigException e) {
      return; // the check of the data says what is wrong with it, and with others
    }
    new PassMemory(1, session.spec().classes(), first.height(), first.width())
        .require(session.manager().getDevice(), "a smaller --resize, or --val-split none");
  }

  /** How many predictions a network makes is its unroll strategy's: it shows. */
  static int predictions(Session session, TrainSpec spec) {
    List<Integer> size = spec.transforms().size();
    return Torch.withoutGrad(
        () -> {
          try (NDManager manager = session.manager().newSubManager()) {
            Shape shape = new Shape(1, 3, size.get(0), size.get(1));
            return session.forward(manager.zeros(shape), false).size();
          } finally {
            session.sweep();
          }
        });
  }

  private void requireIterations() {
    if (GradientRule.parse(spec.objective().gradient()).fixedPoint()) {
      boolean shared =
          spec.optimiser().freezeBatchNorm()
              || session.spec().batchNorm() != NetworkSpec.BatchNormPolicy.PER_ITERATION;
      if (predictions < 2 || !shared) {
        throw new RigException(
            "training: option 'gradient' is %s; it must be unrolled for a network with one"
                    .formatted(spec.objective().gradient())
                + " prediction or batch norm statistics per iteration");
      }
    }
    if (spec.objective().halting() && predictions < 2) {
      throw new RigException(
          "training: option 'halting' is true; it must be false for a network with one prediction");
    }
  }

  private void requireIterationWeights() {
    int weights = spec.objective().iterationWeights().size();
    if (weights != 0 && weights != predictions) {
      throw new RigException(
          "training: option 'iteration_weights' has %d number%s; the network makes %d prediction%s"
              .formatted(
                  weights, weights == 1 ? "" : "s", predictions, predictions == 1 ? "" : "s"));
    }
  }

  private LeasedLoss loss(List<Double> classWeights) {
    return new LeasedLoss(
        access,
        spec.objective().loss(),
        new LossShape(
            inputs.data().classes(),
            predictions,
            classWeights,
            spec.objective().iterationWeights()));
  }

  /**
   * @return what tells the data and the loss from others, as JSON would give it
   */
  Map<String, Object> identity() {
    Map<String, Object> identity = new LinkedHashMap<>(inputs.data().identity());
    if (!fingerprint.isEmpty()) {
      identity.put(RunDirectory.LOSS, fingerprint);
    }
    return identity;
  }

  /** How many steps the whole run has. */
  long steps() {
    return inputs.length().steps();
  }

  /** The parts that compute, beside the data set. */
  List<PartInfo> parts() {
    List<PartInfo> parts = new ArrayList<>(session.parts());
    parts.add(loss);
    parts.addAll(inputs.parts());
    return parts;
  }

  /**
   * Trains.
   *
   * @param directory of the run
   * @return what came of it
   */
  Training run(RunDirectory directory) {
    Device device = session.manager().getDevice();
    int threads = JniUtils.getNumThreads();
    boolean flags = spec.engine().deterministic() && !EngineFlags.isDeterministic();
    if (flags) {
      EngineFlags.deterministic(true);
    }
    if (spec.engine().threads() > 0) {
      JniUtils.setNumThreads(spec.engine().threads());
    }
    try {
      Training done =
          DeviceMemory.guarded(
              device, DeviceMemory.TRAINING, () -> Torch.withoutGrad(() -> compute(directory)));
      if (device.isGpu()) {
        observer.message(
            "gpu%d uses %.0f MiB: the peak of this process and the memory of other processes"
                .formatted(device.getDeviceId(), DeviceMemory.usedMiB(device)));
      }
      return done;
    } finally {
      JniUtils.setNumThreads(threads);
      if (flags) {
        EngineFlags.deterministic(false);
      }
    }
  }

  private Training compute(RunDirectory directory) {
    TrainingData data = inputs.data();
    List<Double> weights =
        ClassWeights.of(spec.objective().classWeights(), data.classes().size(), data.train());
    if (spec.optimiser().freezeBatchNorm()) {
      session.freezeBatchNorm();
    }
    Engine engine = spec.engine();
    boolean compiled = engine.execution() == Execution.COMPILED;
    if (compiled) {
      session.compile(engine.precision(), engine.recompute(), observer::message);
    }
    Length length = inputs.length();
    Steps stepper = stepper(directory, loss(weights), length.steps(), compiled);
    observer.message("run " + directory.name() + " in " + directory.path());
    try (TrainingRun run =
        new TrainingRun(
            session, directory, spec, length, stepper, inputs, trainedOn(), monitor, observer)) {
      return run.run();
    }
  }

  private Steps stepper(RunDirectory directory, LeasedLoss leased, long steps, boolean compiled) {
    Steps stepper = null;
    try {
      Objective objective =
          new Objective(leased, compiled ? compiler : Optional.empty(), observer::message);
      stepper =
          elsewhere.isPresent()
              ? new ProcessStepper(
                  elsewhere.get().engine(),
                  elsewhere.get().exporter(),
                  session,
                  spec,
                  directory,
                  steps,
                  objective,
                  observer)
              : new Stepper(session, spec, steps, objective, session.manager().getDevice(), every);
      return stepper;
    } finally {
      if (stepper == null) {
        leased.close();
      }
    }
  }

  private TrainedOn trainedOn() {
    return new TrainedOn(
        spec.data().dataset(),
        spec.data().data(),
        spec.data().resize(),
        inputs.normalization(),
        new MultiScaleInputs(spec.data().inputScales()),
        inputs.data().classes());
  }

  @Override
  public void close() {
    try {
      inputs.close();
    } finally {
      session.close();
    }
  }
}
