package org.riglab.runs.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
import org.riglab.api.engine.Devices;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Notices;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lab of a home. Its store is opened at the first call, not before. */
@Component(
    configurationPid = LabConfig.PID,
    service = {Lab.class, Workplace.class, Notices.class})
public final class LabService implements Lab, Workplace, Notices {
  private static final Logger LOG = LoggerFactory.getLogger(LabService.class);

  private final Networks networks;
  private final OptionalTrainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Provenance provenance;
  private final Path home;
  private final LabStore lab;
  private final Workers workers;
  private final Processes processes;
  private final Clusters clusters;
  private final String usual;
  private final FoundRuns found;
  private final RunFiles files;
  private final HealthReport health;

  /** Of other bundles. */
  @Reference(policy = ReferencePolicy.DYNAMIC)
  volatile List<Health.Source> sources = List.of();

  /** For declarative services. */
  @Activate
  public LabService(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Trainer trainer,
      @Reference Evaluator evaluator,
      @Reference Registry registry,
      @Reference Plugins plugins,
      @Reference Culprits culprits,
      @Reference Pictures pictures,
      @Reference Devices devices,
      @Reference Clusters clusters,
      LabConfig config,
      BundleContext context) {
    this(
        networks,
        weights,
        trainer,
        evaluator,
        registry,
        new Provenance(() -> registry.parts(""), plugins::kept),
        culprits,
        pictures,
        Limits.of(config, devices),
        WorkerSettings.of(config),
        ProcessHost.of(networks.home(), config, devices, culprits, context),
        clusters,
        Clock.systemUTC());
  }

  LabService(
      Networks networks,
      Weights weights,
      Trainer trainer,
      Evaluator evaluator,
      Registry registry,
      Provenance provenance,
      Culprits culprits,
      Pictures pictures,
      Limits limits,
      WorkerSettings settings,
      WorkerHost host,
      Clusters clusters,
      Clock clock) {
    this.networks = networks;
    this.trainer = new OptionalTrainer(trainer);
    this.evaluator = evaluator;
    this.registry = registry;
    this.provenance = provenance;
    this.home = networks.home();
    this.lab = new LabStore(home, settings.store(), clock, this::changed);
    Watchdog watchdog = new Watchdog(limits, home);
    this.clusters = clusters;
    this.usual = settings.on();
    this.workers =
        new Workers(
            lab,
            home,
            limits,
            watchdog,
            () -> host.ending(),
            () ->
                new Supervisor(
                    lab.store(), lab.recorder(), watchdog, limits, settings, host, culprits),
            place ->
                new Worker(
                    place,
                    networks,
                    lab.store(),
                    lab.recorder(),
                    new Runner(
                        networks,
                        weights,
                        this.trainer,
                        evaluator,
                        provenance,
                        lab.store(),
                        pictures,
                        limits.pictures()),
                    culprits));
    this.files = new RunFiles(home, lab);
    this.found = new FoundRuns(home, lab, pictures, limits.pictures());
    this.health = new HealthReport(home, lab, found, workers, watchdog, limits, clusters);
    this.processes =
        new Processes(
            networks, lab, workers, culprits, pictures, clusters, limits, settings.graceSeconds());
  }

  Store store() {
    return lab.store();
  }

  private void changed() {
    workers.changed();
  }

  private Run changed(Run run) {
    store().orders().save();
    workers.changed();
    return run;
  }

  private Requests requests() {
    return new Requests(networks, trainer, evaluator, registry, store());
  }

  // Orders

  @Override
  public List<Run> submit(Request request) {
    Placement placement = Placement.of(request.options(), clusters, usual);
    List<Draft> drafts = requests().drafts(placement.here(request));
    return add(drafts.stream().map(placement::place).toList());
  }

  @Override
  public Run replay(long id) {
    Draft draft = requests().replay(store().job(id));
    provenance.require(store().run(id));
    return add(List.of(draft)).get(0);
  }

  private List<Run> add(List<Draft> drafts) {
    List<Long> ids = store().queue().add(drafts);
    store().orders().save();
    changed();
    return ids.stream().map(store()::run).toList();
  }

  @Override
  public Run pause(long id) {
    return changed(store().queue().pause(id));
  }

  @Override
  public Run cancel(long id) {
    return changed(store().queue().cancel(id));
  }

  @Override
  public Run resume(long id) {
    return changed(store().queue().resume(id));
  }

  @Override
  public Run retry(long id) {
    return changed(store().queue().retry(id));
  }

  @Override
  public Run prioritise(long id, int priority) {
    return changed(store().queue().prioritise(id, priority));
  }

  @Override
  public List<Run> reorder(long id, long before) {
    store().queue().move(id, before);
    changed();
    return store().list(Query.of(State.QUEUED)).runs();
  }

  // Questions

  @Override
  public Page list(Query query) {
    found.look();
    Page page = store().list(query);
    return new Page(provenance.annotate(page.runs()), page.total());
  }

  @Override
  public Run run(long id) {
    return provenance.annotate(List.of(store().run(id))).get(0);
  }

  @Override
  public List<String> metrics(long id) {
    return store().points().metrics(id);
  }

  @Override
  public Curve curve(long id, String metric, int maxPoints) {
    if (maxPoints < 1) {
      throw new RigException("the number of points of a curve must be 1 or more, not " + maxPoints);
    }
    return store().points().curve(id, metric, maxPoints);
  }

  @Override
  public List<Event> events(long after, int limit) {
    return store().events().since(after, limit);
  }

  @Override
  public List<Event> eventsOf(long id, int limit) {
    return store().events().of(id, limit);
  }

  @Override
  public Registration listen(LabListener listener) {
    return lab.recorder().listen(listener);
  }

  @Override
  public List<RunFile> files(long id) {
    return files.list(id);
  }

  @Override
  public Path file(long id, String name) {
    return files.path(id, name);
  }

  @Override
  public Set<String> digests() {
    found.look();
    Set<String> digests = new TreeSet<>();
    for (Run run :
        store().list(new Query(Set.of(), Set.of(), "", 0, 0, Integer.MAX_VALUE)).runs()) {
      digests.addAll(Provenance.digests(run.parts()));
      if (!run.folder().isEmpty()) {
        new RunFolder(home, run.folder())
            .phases()
            .forEach(parts -> digests.addAll(Provenance.digests(parts)));
      }
    }
    return digests;
  }

  @Override
  public List<String> fields() {
    found.look();
    return store().fields();
  }

  @Override
  public Run tag(long id, Set<String> add, Set<String> remove) {
    return store().labels().tag(id, add, remove);
  }

  @Override
  public Run note(long id, String text) {
    return store().labels().note(id, text);
  }

  @Override
  public Removal delete(List<Long> ids) {
    return store().removals(home).delete(ids);
  }

  @Override
  public Removal archive(List<Long> ids) {
    return store().removals(home).archive(ids);
  }

  @Override
  public List<Run> restore(List<Long> ids) {
    return store().removals(home).restore(ids);
  }

  @Override
  public Comparison compare(long first, long second) {
    return RunDifferences.of(run(first), run(second), store().points().compare(first, second));
  }

  @Override
  public Health health() {
    return health.now(sources);
  }

  @Override
  public List<Run> index(Path folder) {
    return found.index(folder);
  }

  @Override
  public void warn(String line) {
    store().events().add(0, Event.Type.WARNING, line);
  }

  // Work

  @Override
  public void serve() {
    processes.serve(found::look);
  }

  @Override
  public WorkLoop work(
      Place place, InputStream in, OutputStream out, PluginHost plugins, Runnable end) {
    return processes.work(place, in, out, plugins, end);
  }

  @Override
  public ClusterJob job(String folder, String device) {
    return processes.job(folder, device);
  }

  @Override
  public Optional<Supervisor> supervisor() {
    return workers.supervisor();
  }

  @Override
  public Run await(long id, Consumer<Run> watcher) {
    return workers.await(id, watcher);
  }

  @Override
  public void drain() {
    processes.drain();
  }

  @Deactivate
  void close() {
    drain();
    try {
      lab.close();
    } catch (RigException e) {
      if (e.kind() != RigException.Kind.NO_SPACE) {
        throw e;
      }
      LOG.warn(
          "the disk has no room for the last points in the store; they are in the runs' files", e);
    } finally {
      workers.release();
    }
  }
}
