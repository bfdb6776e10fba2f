package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.TrainSpec;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;
import org.riglab.training.Optimizers.Group;
import org.riglab.training.StepEngine;

/**
 * Has the steps of a training executed by the processes of a {@link StepEngine}, which are started
 * before the first step. Session, optimizer and average have the state of the last {@link #settle}.
 */
final class ProcessStepper implements Steps {
  private static final String FOLDER = "processes";

  private final StepEngine engine;
  private final Exporter exporter;
  private final Session session;
  private final TrainSpec spec;
  private final Path folder;
  private final Observer observer;
  private final LearningRate learningRate;
  private final Objective objective;
  private final Groups groups;
  private final Kernels kernels;
  private final StepKernels stepKernels;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final NDManager manager;
  private StepEngine.Processes processes;
  private boolean ahead;

  /**
   * @param engine starts the processes
   * @param exporter writes the network and the loss
   * @param session the network
   * @param spec of the training
   * @param directory of the run
   * @param steps of the whole run
   * @param objective what is minimised; closed with this
   * @param observer watches
   */
  ProcessStepper(
      StepEngine engine,
      Exporter exporter,
      Session session,
      TrainSpec spec,
      RunDirectory directory,
      long steps,
      Objective objective,
      Observer observer) {
    Device device = session.manager().getDevice();
    this.engine = engine;
    this.exporter = exporter;
    this.session = session;
    this.spec = spec;
    this.folder = directory.path().resolve(FOLDER);
    this.observer = observer;
    this.learningRate = LearningRate.of(spec, steps);
    this.objective = objective;
    this.groups = Groups.of(spec.optimiser());
    this.kernels = new Kernels(device);
    this.stepKernels = new StepKernels(device);
    this.optimizer = Updates.optimizer(spec.optimiser(), kernels, device);
    this.average = Updates.average(spec.optimiser(), kernels, device);
    this.manager = Torch.newManager(device);
  }

  /**
   * Checks what only the steps of this process can do.
   *
   * @param spec of a training that another engine executes
   * @throws RigException INVALID if an option does not fit
   */
  static void check(TrainSpec spec) {
    int processes = processes(spec);
    require(
        "batch",
        spec.budget().batch(),
        spec.budget().batch() % processes == 0,
        "a multiple of the %d processes".formatted(processes));
    require(
        "input_scales",
        spec.data().inputScales(),
        spec.data().inputScales().equals(List.of(1.0)),
        "1");
    require("truncate", spec.objective().truncate(), spec.objective().truncate() == 0, "0");
    require(
        "random_iterations",
        spec.objective().randomIterations(),
        !RandomIterations.parse(spec.objective().randomIterations()).random(),
        "fixed");
    require("halting", spec.objective().halting(), !spec.objective().halting(), "false");
    require(
        "gradient",
        spec.objective().gradient(),
        !GradientRule.parse(spec.objective().gradient()).fixedPoint(),
        "unrolled");
    require("recompute", spec.engine().recompute(), !spec.engine().recompute(), "false");
  }

  private static void require(String option, Object value, boolean holds, String right) {
    if (!holds) {
      throw new RigException(
          "training: option '%s' is %s; it must be %s where the engine is not libtorch"
              .formatted(option, value, right));
    }
  }

  private static int processes(TrainSpec spec) {
    return spec.engine().nodes() * spec.engine().perNode();
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
    return Optional.empty(); // see check
  }

  @Override
  public Objective objective() {
    return objective;
  }

  @Override
  public void readThrough(long step) {
    // every step is read
  }

  @Override
  public void renewed() {
    stop(); // what was exported is of the parts before
  }

  @Override
  public double rate(long step) {
    return learningRate.of(step) * spec.optimiser().lrBackbone();
  }

  @Override
  public List<Loss> step(long step, List<Batch> batches) {
    if (processes == null) {
      processes = start();
    }
    try {
      double loss =
          processes.step(
              new StepEngine.Step(
                  step,
                  Stepper.seed(spec.budget().seed(), step),
                  learningRate.of(step),
                  divisor(batches),
                  batches));
      ahead = true;
      return List.of(new Loss(step, loss));
    } catch (StepEngine.NotFiniteException e) {
      throw new Stepper.NotFiniteException(e.getMessage(), e.pass(), false);
    }
  }

  /** What the labels of all shares weigh, as if each were a pass of its own. */
  private float divisor(List<Batch> batches) {
    int shares = processes(spec);
    try (NDManager sub = manager.newSubManager()) {
      NDArray sum = null;
      for (NDArray label :
          new Targets(batches, objective.loss()::weight, stepKernels, sub)
              .at(batches.get(0).height(), batches.get(0).width())
              .labels()) {
        long share = label.getShape().get(0) / shares;
        for (int rank = 0; rank < shares; rank++) {
          NDArray own = label.get(new NDIndex("{}:{}", rank * share, (rank + 1) * share));
          NDArray weight = objective.loss().weight(own);
          sum = sum == null ? weight : sum.add(weight);
        }
      }
      float divisor = sum.getFloat();
      return divisor == 0 ? 1 : divisor;
    }
  }

  private StepEngine.Processes start() {
    Map<String, Group> factors = new LinkedHashMap<>();
    session
        .state()
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGradient()) {
                int axes = parameter.getArray().getShape().dimension();
                factors.put(name, groups.group(name, axes, 1));
              }
            });
    StepEngine.Job job =
        new StepEngine.Job(
            spec,
            folder,
            out -> session.show(network -> written(network, out)),
            this::writeLoss,
            factors,
            List.copyOf(session.state().keySet()),
            observer::message,
            observer::stop);
    return engine.start(
        job,
        new StepEngine.State(
            session.values(),
            Optimizer.values(optimizer.state()),
            average.map(mean -> Optimizer.values(mean.averages())).orElse(Map.of())));
  }

  private Object written(Blueprint network, OutputStream out) {
    try {
      exporter.write(network, "torchscript", false, out);
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The loss for the share of one process. */
  private void writeLoss(OutputStream out) throws IOException {
    List<Integer> size = spec.transforms().size();
    int images = spec.budget().batch() / processes(spec);
    try (NDManager sub = manager.newSubManager()) {
      NDList arguments = new NDList();
      for (Shape shape : logits(size.get(0), size.get(1), sub)) {
        arguments.add(sub.zeros(new Shape(images, shape.get(1), shape.get(2), shape.get(3))));
      }
      arguments.add(sub.zeros(new Shape(images, size.get(0), size.get(1)), DataType.INT64));
      arguments.add(sub.ones(new Shape()));
      // The processes may compute on GPUs.
      exporter.write(values -> objective.loss().loss(values, Device.gpu()), arguments, out);
    }
  }

  private List<Shape> logits(int height, int width, NDManager sub) {
    try {
      return session.forward(sub.zeros(new Shape(1, 3, height, width)), false).stream()
          .map(NDArray::getShape)
          .toList();
    } finally {
      session.sweep();
    }
  }

  @Override
  public List<Loss> settle() {
    if (!ahead) {
      return List.of();
    }
    StepEngine.State state = processes.state();
    session.load(state.weights());
    optimizer.load(state.optimizer());
    average.ifPresent(mean -> mean.load(state.average()));
    ahead = false;
    return List.of();
  }

  @Override
  public String blame(Batch batch, Stepper.NotFiniteException failure) {
    settle();
    return Stepper.blame(
        session,
        manager,
        sub ->
            sub.create(
                batch.images(),
                new Shape(batch.size(), 3, batch.height(), batch.width()),
                DataType.FLOAT32));
  }

  private void stop() {
    if (processes != null) {
      processes.close();
      processes = null;
    }
  }

  @Override
  public void close() {
    try {
      stop();
    } finally {
      objective.close();
      optimizer.close();
      average.ifPresent(MovingAverage::close);
      kernels.close();
      stepKernels.close();
      manager.close();
    }
  }
}
