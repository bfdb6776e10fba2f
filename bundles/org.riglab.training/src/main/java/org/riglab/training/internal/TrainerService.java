package org.riglab.training.internal;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.base.ProcessMark;
import org.riglab.networks.NetworkIdentity;
import org.riglab.networks.Scorers;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.PartEvents;
import org.riglab.training.StepEngine;

/** Trains networks; runs are kept in {@code runs} of the home. */
@Component
public final class TrainerService implements Trainer {
  private static final String USER = "training";

  private final Registry registry;
  private final PartEvents events;
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

  /** Compiles losses; without a compiler, they run eagerly. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Compiler compiler;

  /** Writes what other processes compute with; without one, steps are executed here. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Exporter exporter;

  /** Execute steps in other processes. */
  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile List<StepEngine> engines = List.of();

  /** After how many steps the host waits for the device; 0 if the device decides. */
  private int every;

  /** For declarative services. */
  @Activate
  public TrainerService(
      @Reference Registry registry,
      @Reference PartEvents events,
      @Reference Networks networks,
      @Reference Sessions sessions) {
    this.registry = registry;
    this.events = events;
    this.networks = networks;
    this.sessions = sessions;
    this.recipes = new Recipes(networks.home().resolve("recipes"));
    this.plans = new Plans(recipes);
  }

  /** Has trainings wait for the device after that many steps, whatever it is. */
  void waitEvery(int steps) {
    every = steps;
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
    try (Preparation prepared = prepare(spec, observer)) {
      RunDirectory directory = RunDirectory.make(runs(), spec.network());
      return start(directory, prepared);
    }
  }

  private Preparation prepare(TrainSpec spec, Observer observer) {
    Optional<Preparation.Elsewhere> elsewhere = elsewhere(spec);
    Device device = Torch.device(spec.engine().device());
    PartAccess access = new PartAccess(registry, events, USER + " of " + spec.network());
    Session session = sessions.edit(spec.network(), USER, device);
    Preparation prepared = null;
    try {
      prepared =
          new Preparation(
              access,
              Optional.ofNullable(scorers),
              Optional.ofNullable(compiler),
              elsewhere,
              session,
              spec,
              every,
              observer);
      prepared.check(networks.home().resolve("checked"));
      Preparation good = prepared;
      prepared = null;
      return good;
    } finally {
      if (prepared != null) {
        prepared.close();
      }
    }
  }

  private Optional<Preparation.Elsewhere> elsewhere(TrainSpec spec) {
    String name = spec.engine().engine();
    if (name.equals(Plans.HERE)) {
      return Optional.empty();
    }
    List<StepEngine> all = engines;
    StepEngine engine =
        all.stream()
            .filter(e -> e.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new RigException(
                        Kind.UNAVAILABLE,
                        "training: there is no engine '%s'; installed: %s%s"
                            .formatted(
                                name,
                                Plans.HERE,
                                all.stream()
                                    .map(e -> ", " + e.name())
                                    .reduce("", String::concat))));
    Exporter writer = exporter;
    if (writer == null) {
      throw new RigException(
          Kind.UNAVAILABLE,
          "training: engine '%s' needs bundle org.riglab.graph, which is not installed"
              .formatted(name));
    }
    ProcessStepper.check(spec);
    engine.check(spec);
    return Optional.of(new Preparation.Elsewhere(engine, writer));
  }

  private Training start(RunDirectory directory, Preparation prepared) {
    Session session = prepared.session();
    directory.start(
        prepared.spec(),
        networks.json(session.spec()),
        session.directory().resolve(Session.FILE),
        prepared.identity(),
        prepared.parts(),
        identity(prepared.spec().network()));
    return run(prepared, directory);
  }

  private String identity(String network) {
    return NetworkIdentity.of(networks.home().resolve("models").resolve(network));
  }

  /** A run that fails is marked as failed, also if another process started it. */
  private Training run(Preparation prepared, RunDirectory directory) {
    ProcessMark mark = mark(directory);
    try {
      return prepared.run(directory);
    } catch (RuntimeException | Error e) {
      directory.fail(e);
      throw e;
    } finally {
      mark.close();
    }
  }

  /** Shows that the run is trained. */
  private ProcessMark mark(RunDirectory directory) {
    Path home = networks.home();
    String folder =
        directory.path().startsWith(home)
            ? home.relativize(directory.path()).toString().replace('\\', '/')
            : directory.path().toString();
    return ProcessMark.set(home.resolve(ProcessMark.RUNNING), directory.name(), folder);
  }

  @Override
  public Training resume(String network, Map<String, ?> options, Observer observer) {
    Optional<RunDirectory> last = RunDirectory.last(runs(), network, identity(network));
    return last.isEmpty()
        ? train(plan(network, started(options)), observer)
        : resume(last.get(), options, observer);
  }

  @Override
  public Training resume(String network, Path run, Map<String, ?> options, Observer observer) {
    RunDirectory directory = new RunDirectory(run);
    if (directory.started()) {
      return resume(directory, options, observer);
    }
    try (Preparation prepared = prepare(plan(network, started(options)), observer)) {
      return start(directory, prepared);
    }
  }

  /** The options of a training that begins. */
  private static Map<String, ?> started(Map<String, ?> options) {
    Map<String, Object> own = new LinkedHashMap<>(options);
    own.remove(Resumption.EXTEND);
    return own;
  }

  private Training resume(RunDirectory directory, Map<String, ?> options, Observer observer) {
    Resumption how = plans.agree(directory.spec(), options);
    TrainSpec spec = how.spec();
    Checkpoints.State state =
        directory.checkpoints().last().map(Checkpoints::state).orElse(Checkpoints.State.START);
    Optional<Training.End> end = directory.finished();
    if (end.isPresent() && !how.extended()) {
      return Results.of(
          directory,
          spec,
          end.get(),
          RunLog.points(directory, state.step()),
          RunLog.evaluations(directory, state.step()),
          state);
    }
    requireSameNetwork(directory, spec.network());
    try (Preparation prepared = prepare(spec, observer)) {
      String where = "run " + directory.name();
      if (!prepared.session().spec().equals(networks.spec(directory.network(), where))) {
        throw new RigException(
            Kind.CONFLICT,
            "network '%s' has changed since %s trained it; start a new training"
                .formatted(spec.network(), where));
      }
      if (!prepared.identity().equals(directory.data())) {
        throw new RigException(
            Kind.CONFLICT,
            "the data of %s have changed since the run started; start a new training"
                .formatted(where));
      }
      how.check(state.step(), prepared.steps());
      String line = how.line(state.step(), prepared.steps());
      if (!line.isEmpty()) {
        observer.message(where + " " + line);
      }
      directory.resume(how, state.step());
      return run(prepared, directory);
    }
  }

  private void requireSameNetwork(RunDirectory directory, String network) {
    if (!directory.identity().equals(identity(network))) {
      throw new RigException(
          Kind.CONFLICT,
          "run %s trained another network that was named '%s'; start a new training"
              .formatted(directory.name(), network));
    }
  }

  private Path runs() {
    return networks.home().resolve("runs");
  }
}
