package org.riglab.training.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.data.Dataset;
import org.riglab.base.Json;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.ClassWeights;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.CrossEntropy;

/** Trains networks of the networks; runs lie in the home's {@code runs}. */
@Component
public final class TrainerService implements Trainer {
  private static final String USER = "training";

  private final Registry registry;
  private final Networks networks;
  private final Sessions sessions;
  private final Recipes recipes;
  private final Plans plans;

  /** Scores validation splits; without an evaluator, training runs without validation. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Scorers scorers;

  /** For declarative services. */
  @Activate
  public TrainerService(
      @Reference Registry registry, @Reference Networks networks, @Reference Sessions sessions) {
    this.registry = registry;
    this.networks = networks;
    this.sessions = sessions;
    this.recipes = new Recipes(networks.home().resolve("recipes"));
    this.plans = new Plans(recipes);
  }

  @Override
  public List<OptionInfo> options() {
    return plans.options();
  }

  @Override
  public List<Recipe> recipes() {
    return recipes.all();
  }

  @Override
  public Recipe recipe(String name) {
    return recipes.recipe(Recipes.absolute(name));
  }

  @Override
  public TrainSpec plan(String network, Map<String, ?> options) {
    Torch.device(options.get("device") instanceof String name ? name : "auto");
    return plans.plan(network, options, sessions.trainedOn(network).normalization());
  }

  @Override
  public TrainSpec plan(Map<String, ?> options) {
    TrainSpec spec = plans.plan("", options, Normalization.IMAGENET);
    Plans.check(spec);
    return spec;
  }

  @Override
  public Training train(TrainSpec spec, Observer observer) {
    Plans.check(spec);
    Device device = Torch.device(spec.device());
    try (Session session = sessions.open(spec.network(), USER, device);
        TrainingInputs inputs = inputs(spec, session, observer)) {
      RunDirectory directory = RunDirectory.make(runs(), spec.network());
      return start(directory, spec, session, inputs, device, observer);
    }
  }

  private Training start(
      RunDirectory directory,
      TrainSpec spec,
      Session session,
      TrainingInputs inputs,
      Device device,
      Observer observer) {
    directory.start(
        spec,
        networks.json(session.spec()),
        session.directory().resolve(Session.FILE),
        inputs.identity(),
        session.parts());
    return run(directory, spec, session, inputs, device, observer);
  }

  @Override
  public Training resume(String network, Map<String, ?> options, Observer observer) {
    Optional<RunDirectory> last = RunDirectory.last(runs(), network);
    if (last.isEmpty()) {
      return train(plan(network, options), observer);
    }
    return resume(last.get(), options, observer);
  }

  @Override
  public Training resume(String network, Path run, Map<String, ?> options, Observer observer) {
    RunDirectory directory = new RunDirectory(run);
    if (directory.started()) {
      return resume(directory, options, observer);
    }
    TrainSpec spec = plan(network, options);
    Device device = Torch.device(spec.device());
    try (Session session = sessions.open(network, USER, device);
        TrainingInputs inputs = inputs(spec, session, observer)) {
      return start(directory, spec, session, inputs, device, observer);
    }
  }

  private Training resume(RunDirectory directory, Map<String, ?> options, Observer observer) {
    TrainSpec spec = plans.agree(directory.spec(), options);
    Optional<Training.End> end = directory.finished();
    if (end.isPresent()) {
      Checkpoints.State state =
          directory.checkpoints().last().map(Checkpoints::state).orElse(Checkpoints.State.START);
      return TrainingRun.training(
          directory,
          spec,
          end.get(),
          RunLog.points(directory, state.step()),
          RunLog.evaluations(directory, state.step()),
          state);
    }
    String network = spec.network();
    Device device = Torch.device(spec.device());
    try (Session session = sessions.open(network, USER, device);
        TrainingInputs inputs = inputs(spec, session, observer)) {
      String where = "run " + directory.name();
      if (!session.spec().equals(networks.spec(directory.network(), where))) {
        throw new RigException(
            "network '%s' is no longer what %s trained; start a new training"
                .formatted(network, where));
      }
      if (!inputs.identity().equals(directory.data())) {
        throw new RigException(
            "the data of %s have changed since it started; start a new training".formatted(where));
      }
      return run(directory, spec, session, inputs, device, observer);
    }
  }

  private Path runs() {
    return networks.home().resolve("runs");
  }

  private TrainingInputs inputs(TrainSpec spec, Session session, Observer observer) {
    TrainingInputs inputs =
        new TrainingInputs(
            registry, Optional.ofNullable(scorers), spec, USER + " of " + spec.network());
    boolean good = false;
    try {
      inputs.requireClasses(session.spec().classes());
      CrossEntropy loss = new CrossEntropy(Dataset.VOID, List.of(), inputs.superclasses());
      requirePredictions(spec, session, new Objective(loss, spec.iterationWeights()));
      inputs.check(networks.home().resolve("checked"), observer);
      good = true;
      return inputs;
    } finally {
      if (!good) {
        inputs.close();
      }
    }
  }

  /** How many predictions a network makes is its unroll strategy's: it shows. */
  private static void requirePredictions(TrainSpec spec, Session session, Objective objective) {
    if (!spec.iterationWeights().isEmpty() || !spec.coarse().equals(Superclasses.NONE)) {
      Torch.withoutGrad(
          () -> {
            try (NDManager manager = session.manager().newSubManager()) {
              Shape shape = new Shape(1, 3, spec.size().get(0), spec.size().get(1));
              objective.requirePredictions(session.forward(manager.zeros(shape), false).size());
            } finally {
              session.sweep();
            }
            return null;
          });
    }
  }

  private Training run(
      RunDirectory directory,
      TrainSpec spec,
      Session session,
      TrainingInputs inputs,
      Device device,
      Observer observer) {
    int threads = JniUtils.getNumThreads();
    if (spec.threads() > 0) {
      JniUtils.setNumThreads(spec.threads());
    }
    try {
      return Torch.withoutGrad(() -> compute(directory, spec, session, inputs, device, observer));
    } finally {
      JniUtils.setNumThreads(threads);
    }
  }

  private static Training compute(
      RunDirectory directory,
      TrainSpec spec,
      Session session,
      TrainingInputs inputs,
      Device device,
      Observer observer) {
    List<Double> weights =
        ClassWeights.of(spec.classWeights(), inputs.classes().size(), inputs.train());
    if (spec.freezeBatchNorm()) {
      session.freezeBatchNorm();
    }
    if (spec.execution() == Execution.COMPILED) {
      session.compile(spec.precision(), spec.recompute(), observer::message);
    }
    TrainingRun.Length length = inputs.length();
    Stepper stepper =
        new Stepper(
            session,
            spec,
            new Schedule(spec.schedule(), spec.lr(), spec.power(), length.steps()),
            new CrossEntropy(Dataset.VOID, weights, inputs.superclasses()),
            Torch.engine(),
            device);
    TrainedOn trainedOn =
        new TrainedOn(
            spec.dataset(),
            spec.data(),
            spec.resize(),
            inputs.normalization(),
            new MultiScaleInputs(spec.inputScales()),
            inputs.classes());
    observer.message("run " + directory.name() + " in " + directory.path());
    try (TrainingRun run =
        new TrainingRun(session, directory, spec, length, stepper, inputs, trainedOn, observer)) {
      return run.run();
    }
  }
}
