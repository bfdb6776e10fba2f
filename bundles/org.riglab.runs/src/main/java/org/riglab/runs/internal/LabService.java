package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Weights;
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
import org.riglab.base.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lab of a home. Its database is opened at the first call, not before. */
@Component(
    configurationPid = LabConfig.PID,
    service = {Lab.class, Workplace.class, Notices.class})
public final class LabService implements Lab, Workplace, Notices {
  private static final Logger LOG = LoggerFactory.getLogger(LabService.class);
  private static final long IDLE_MILLIS = 1000;
  private static final long DRAIN_MILLIS = 9_000;
  private static final Set<State> WAITING = EnumSet.of(State.QUEUED, State.PAUSED);

  private final Networks networks;
  private final Weights weights;
  private final Trainer trainer;
  private final Evaluator evaluator;
  private final Registry registry;
  private final Pictures pictures;
  private final Provenance provenance;
  private final Culprits culprits;
  private final Limits limits;
  private final Clock clock;
  private final Path home;
  private final Watchdog watchdog;
  private final StepLimit stepLimit;
  private final LeftThreads left;

  /** Of other bundles. */
  @Reference(policy = ReferencePolicy.DYNAMIC)
  volatile List<Health.Source> sources = List.of();

  // All below: guarded by this.
  private Store store;
  private Recorder recorder;
  private HomeLock lock;
  private List<Worker> workers = List.of();
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Long, Long> followed = new HashMap<>(); // how long its log was
  private boolean closed;

  /** For declarative services. */
  @Activate
  public LabService(
      @Reference Networks networks,
      @Reference Weights weights,
      @Reference Trainer trainer,
      @Reference Evaluator evaluator,
      @Reference Registry registry,
      @Reference Plugins plugins,
      @Reference Culprits culprits,
      @Reference Pictures pictures,
      LabConfig config) {
    this(
        networks,
        weights,
        trainer,
        evaluator,
        registry,
        new Provenance(() -> registry.parts(""), plugins::kept),
        culprits,
        pictures,
        Limits.of(config),
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
      Clock clock) {
    this.provenance = provenance;
    this.networks = networks;
    this.weights = weights;
    this.trainer = trainer;
    this.evaluator = evaluator;
    this.registry = registry;
    this.pictures = pictures;
    this.culprits = culprits;
    this.limits = limits;
    this.clock = clock;
    this.home = networks.home();
    this.watchdog = new Watchdog(limits, home);
    this.stepLimit = new StepLimit(limits.stepMinutes(), culprits);
    this.left = new LeftThreads(culprits);
  }

  private Path folder() {
    return home.resolve("lab");
  }

  synchronized Store store() {
    if (closed) {
      throw new RigException("the lab is closed");
    }
    if (store == null) {
      store = new Store(new Database(folder().resolve("lab.db"), home.resolve("cache")), clock);
    }
    return store;
  }

  private synchronized Recorder recorder() {
    if (recorder == null) {
      recorder = new Recorder(store(), this::changed);
    }
    return recorder;
  }

  /** Somebody changed the store: perhaps there is work, perhaps a run shall stop. */
  private void changed() {
    List<Worker> now;
    synchronized (this) {
      now = closed ? List.of() : workers;
      notifyAll();
    }
    if (now.stream().anyMatch(worker -> worker.active().isPresent())) {
      Map<Long, State> wanted = store().wanted();
      now.forEach(worker -> worker.wanted(wanted));
    }
  }

  private Requests requests() {
    return new Requests(networks, trainer, evaluator, registry, store());
  }

  private Runner runner() {
    return new Runner(
        networks, weights, trainer, evaluator, provenance, store(), pictures, limits.pictures());
  }

  // Orders

  @Override
  public List<Run> submit(Request request) {
    return runs(ordered(() -> store().add(requests().drafts(request))));
  }

  @Override
  public Run replay(long id) {
    Store.Draft draft = requests().replay(store().job(id));
    provenance.require(store().run(id));
    return runs(ordered(() -> store().add(List.of(draft)))).get(0);
  }

  private Run change(
      long id, Set<State> allowed, String verb, Event.Type type, String text, String set) {
    return ordered(() -> store().change(id, allowed, verb, type, text, set));
  }

  /** What there is no room for is said to whoever asked; nothing has changed. */
  private static <T> T ordered(Supplier<T> change) {
    try {
      return change.get();
    } catch (Database.FullException e) {
      throw new RigException("there is no room on the disk: " + e.getMessage(), e);
    }
  }

  private List<Run> runs(List<Long> ids) {
    changed();
    return ids.stream().map(store()::run).toList();
  }

  @Override
  public Run pause(long id) {
    return ask(id, EnumSet.of(State.QUEUED, State.RUNNING), "paused", State.PAUSED, "");
  }

  @Override
  public Run cancel(long id) {
    return ask(
        id,
        EnumSet.of(State.QUEUED, State.RUNNING, State.PAUSED),
        "cancelled",
        State.CANCELLED,
        ", ended = case state when 'RUNNING' then ended else %d end".formatted(clock.millis()));
  }

  /** A run at work takes its own time; one that waits obeys at once. */
  private Run ask(long id, Set<State> allowed, String verb, State state, String more) {
    String name = state.name();
    Run run =
        change(
            id,
            allowed,
            verb,
            Event.Type.CHANGED,
            "shall be " + verb,
            "wanted = case state when 'RUNNING' then '%s' else '' end%s, state = case state when 'RUNNING' then state else '%s' end"
                .formatted(name, more, name));
    changed();
    return run;
  }

  @Override
  public Run resume(long id) {
    return queue(id, EnumSet.of(State.PAUSED), "resumed");
  }

  @Override
  public Run retry(long id) {
    return queue(id, EnumSet.of(State.FAILED, State.CANCELLED), "retried");
  }

  private Run queue(long id, Set<State> allowed, String verb) {
    Run run =
        change(
            id,
            allowed,
            verb,
            Event.Type.STATE,
            "queued: " + verb,
            "state = 'QUEUED', adopted = 0, error = '', ended = null, crashes = 0");
    changed();
    return run;
  }

  @Override
  public Run prioritise(long id, int priority) {
    Run run =
        change(
            id,
            WAITING,
            "given a priority",
            Event.Type.CHANGED,
            "priority " + priority,
            "priority = " + priority);
    changed();
    return run;
  }

  @Override
  public List<Run> reorder(long id, long before) {
    ordered(
        () -> {
          store().move(id, before);
          return before;
        });
    changed();
    return store().list(Query.of(State.QUEUED)).runs();
  }

  // Questions

  @Override
  public Page list(Query query) {
    look();
    Page page = store().list(query);
    return new Page(provenance.annotate(page.runs()), page.total());
  }

  @Override
  public Run run(long id) {
    return provenance.annotate(List.of(store().run(id))).get(0);
  }

  @Override
  public List<String> metrics(long id) {
    return store().metrics(id);
  }

  @Override
  public Curve curve(long id, String metric, int maxPoints) {
    if (maxPoints < 1) {
      throw new RigException("a curve has 1 point or more, not " + maxPoints);
    }
    return store().curve(id, metric, maxPoints);
  }

  @Override
  public List<Event> events(long after, int limit) {
    return store().events(after, limit);
  }

  @Override
  public List<Event> eventsOf(long id, int limit) {
    return store().eventsOf(id, limit);
  }

  @Override
  public Registration listen(LabListener listener) {
    return recorder().listen(listener);
  }

  @Override
  public List<RunFile> files(long id) {
    Run run = store().run(id);
    return run.folder().isEmpty() ? List.of() : new RunFolder(home, run.folder()).files();
  }

  @Override
  public Path file(long id, String name) {
    Run run = store().run(id);
    if (run.folder().isEmpty()) {
      throw new RigException("run %d has no files yet".formatted(id));
    }
    return new RunFolder(home, run.folder()).file(name);
  }

  @Override
  public Set<String> digests() {
    look();
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
  public Comparison compare(long first, long second) {
    Run a = run(first);
    Run b = run(second);
    Map<String, Comparison.Pair> spec = new LinkedHashMap<>();
    differ("", a.spec(), b.spec(), spec);
    spec.remove("network");
    differ("network.", a.networkSpec(), b.networkSpec(), spec);
    Map<String, Comparison.Pair> parts = new LinkedHashMap<>();
    differ("", a.parts(), b.parts(), parts);
    return new Comparison(
        a, b, store().compare(first, second), spec, parts, a.data().equals(b.data()));
  }

  private static void differ(
      String prefix, Map<String, ?> a, Map<String, ?> b, Map<String, Comparison.Pair> into) {
    Set<String> keys = new TreeSet<>(a.keySet());
    keys.addAll(b.keySet());
    for (String key : keys) {
      String first = a.containsKey(key) ? Json.line(a.get(key)) : "";
      String second = b.containsKey(key) ? Json.line(b.get(key)) : "";
      if (!first.equals(second)) {
        into.put(prefix + key, new Comparison.Pair(unquoted(first), unquoted(second)));
      }
    }
  }

  private static String unquoted(String json) {
    return json.replaceFirst("^\"(.*)\"$", "$1");
  }

  // Runs that others make

  @Override
  public List<Run> index(Path folder) {
    Path where = folder.toAbsolutePath().normalize();
    RunFolder one = new RunFolder(home, where.toString());
    if (one.started()) {
      return ordered(
          () -> {
            List<Run> found = index(List.of(one));
            store().adopted(one.name()).ifPresent(id -> keepPictures(id, one));
            return found;
          });
    }
    try (Stream<Path> entries = Files.list(where)) {
      return index(
          entries
              .filter(Files::isDirectory)
              .sorted()
              .map(entry -> new RunFolder(home, entry.toString()))
              .toList());
    } catch (IOException e) {
      throw new RigException("cannot list %s: %s".formatted(where, e), e);
    }
  }

  private List<Run> index(List<RunFolder> candidates) {
    Set<String> known = store().folders();
    List<Run> found = new ArrayList<>();
    for (RunFolder run : candidates) {
      if (!known.contains(run.name()) && run.started()) {
        store().adopt(run.read()).ifPresent(id -> found.add(follow(id, run)));
      }
    }
    return found;
  }

  /** As a run of the queue does when it is done; nobody does it twice. */
  private void keepPictures(long id, RunFolder folder) {
    Run run = follow(id, folder);
    if (run.state() == State.DONE && !pictures.has(run)) {
      pictures.keep(run, limits.pictures(), Thread.currentThread()::isInterrupted);
    }
  }

  /** Looks for trainings that other processes began, or got on with. */
  private void look() {
    Path runs = home.resolve("runs");
    if (!Files.isDirectory(runs)) {
      return;
    }
    try {
      index(runs);
      for (Run run : store().unfinishedElsewhere()) {
        RunFolder folder = new RunFolder(home, run.folder());
        if (folder.started() && grown(run.id(), folder)) {
          follow(run.id(), folder);
        }
      }
    } catch (RigException | Database.FullException e) {
      LOG.warn("cannot take over what lies in {}", runs, e);
    }
  }

  private synchronized boolean grown(long id, RunFolder folder) {
    long length = folder.logged();
    return !Long.valueOf(length).equals(followed.put(id, length));
  }

  private Run follow(long id, RunFolder folder) {
    Run before = store().run(id);
    List<LabListener.Point> points = folder.points(before.progress().done());
    RunFolder.Found found = folder.read();
    long done =
        points.stream().mapToLong(LabListener.Point::step).max().orElse(before.progress().done());
    Optional<String> end = folder.end();
    if (!points.isEmpty() || before.spec().isEmpty()) {
      store().describe(id, found);
      store()
          .add(
              id,
              new Run.Progress(done, end.isPresent() ? done : found.total(), 0, 0),
              before.times().seconds(),
              points);
    }
    if (end.isPresent()) {
      store().end(id, State.DONE, "");
    }
    return store().run(id);
  }

  @Override
  public void warn(String line) {
    store().event(0, Event.Type.WARNING, line);
  }

  // Work

  /** All that works on the queue: once per process, and once per home. */
  @Override
  public void serve() {
    synchronized (this) {
      lock =
          HomeLock.tryLock(folder())
              .orElseThrow(
                  () ->
                      new RigException(
                          "%s works on the queue of %s already; stop it, or use another --home"
                              .formatted(HomeLock.owner(folder(), "another process"), home)));
    }
    store().event(0, Event.Type.SERVER, "started by process " + ProcessHandle.current().pid());
    store().recover(limits.crashLimit());
    look();
    List<String> devices = limits.workOn();
    recorder();
    MemoryWatch memory = new MemoryWatch(watchdog, culprits, store());
    synchronized (this) {
      workers = devices.stream().map(device -> worker(device, devices)).toList();
      workers.forEach(this::start);
      start(new Thread(() -> watch(memory), "lab-watchdog"));
    }
  }

  /** In a group of its own: what threads its runs leave behind can be told. */
  private void start(Worker worker) {
    String name = "lab-" + worker.device();
    start(new Thread(new ThreadGroup(name), () -> work(worker), name));
  }

  private Worker worker(String device, List<String> devices) {
    boolean gpus = devices.stream().anyMatch(d -> d.startsWith("gpu"));
    return new Worker(
        device, device.startsWith("gpu") || !gpus, networks, store(), recorder(), runner(), left);
  }

  private void start(Thread thread) {
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void work(Worker worker) {
    while (!worker.closed() && !idle(0)) {
      try {
        store().failOrphans();
        if (watchdog.hold().isPresent() || !worker.once(Set.of())) {
          idle(IDLE_MILLIS);
        }
      } catch (RigException | Database.FullException e) {
        LOG.warn("{} waits", worker.device(), e);
        idle(5 * IDLE_MILLIS);
      }
    }
  }

  /** Waits for something to happen; returns whether the lab closes. */
  private synchronized boolean idle(long millis) {
    try {
      if (millis > 0 && !closed) {
        wait(millis);
      }
    } catch (InterruptedException e) {
      LOG.debug("a worker was interrupted", e); // only the lab's end ends it
    }
    return closed;
  }

  private void watch(MemoryWatch memory) {
    while (!idle(0)) {
      try {
        watchdog.checks();
        memory.watch(workers().stream().flatMap(worker -> worker.active().stream()).toList());
        for (Worker worker : workers()) {
          worker.active().ifPresent(control -> watch(worker, control));
        }
        left.sweep();
      } catch (RigException | Database.FullException e) {
        LOG.warn("the watchdog could not look", e);
      }
      idle(2 * IDLE_MILLIS);
    }
  }

  private void watch(Worker worker, Control control) {
    watchdog.watch(control, store());
    if (stepLimit.watch(worker, control)) {
      List<String> devices = limits.workOn();
      Worker next = worker(worker.device(), devices);
      synchronized (this) {
        if (!closed) {
          workers = workers.stream().map(w -> w == worker ? next : w).toList();
          threads.remove(control.thread());
          start(next);
        }
      }
    }
  }

  private synchronized List<Worker> workers() {
    return workers;
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public Run await(long id, Consumer<Run> watcher) {
    Run run = store().run(id);
    while (!over(run)) {
      Optional<HomeLock> mine = workers().isEmpty() ? HomeLock.tryLock(folder()) : Optional.empty();
      if (mine.isPresent()) {
        try (HomeLock held = mine.get()) {
          return workOn(id, watcher);
        }
      }
      watcher.accept(run);
      try {
        Thread.sleep(IDLE_MILLIS / 2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return store().run(id);
      }
      run = store().run(id);
    }
    watcher.accept(run);
    return run;
  }

  private static boolean over(Run run) {
    return run.state().ended() || run.state() == State.PAUSED;
  }

  /** Does a run and what it depends on; the queue of others waits for a server. */
  private Run workOn(long id, Consumer<Run> watcher) {
    store().recover(limits.crashLimit());
    Set<Long> only = new TreeSet<>();
    needed(id, only);
    List<String> devices = limits.workOn();
    List<Worker> mine = devices.stream().map(device -> worker(device, devices)).toList();
    synchronized (this) {
      workers = mine;
    }
    Registration watching = listen(new Told(id, watcher));
    try {
      while (true) {
        store().failOrphans();
        Run run = store().run(id);
        if (over(run)) {
          watcher.accept(run);
          return run;
        }
        Optional<String> hold = watchdog.hold();
        if (hold.isPresent()) {
          throw new RigException("run %d waits: %s".formatted(id, hold.get()));
        }
        boolean worked = false;
        for (Worker worker : mine) {
          worked |= worker.once(only);
        }
        if (!worked) {
          throw new RigException(
              "run %d cannot start here: it asks for %s, here is %s"
                  .formatted(id, run.device(), String.join(", ", devices)));
        }
      }
    } finally {
      watching.close();
      synchronized (this) {
        workers = List.of();
      }
    }
  }

  /** Tells a watcher of a run's state as points come in. */
  private final class Told implements LabListener {
    private final long id;
    private final Consumer<Run> watcher;

    Told(long id, Consumer<Run> watcher) {
      this.id = id;
      this.watcher = watcher;
    }

    @Override
    public void points(long run, Run.Progress progress, List<Point> points) {
      if (run == id) {
        watcher.accept(store().run(id));
      }
    }
  }

  private void needed(long id, Set<Long> into) {
    if (into.add(id)) {
      store().run(id).after().forEach(after -> needed(after, into));
    }
  }

  @Override
  public Health health() {
    List<Health.Check> checks = new ArrayList<>(watchdog.checks());
    Map<State, Long> counts = Map.of();
    try {
      counts = store().counts();
      checks.add(
          new Health.Check(
              "store",
              Health.Status.OK,
              counts.values().stream().mapToLong(n -> n).sum() + " runs"));
      for (Run run : store().list(Query.of(State.RUNNING)).runs()) {
        for (String warning : run.warnings()) {
          checks.add(new Health.Check("run " + run.id(), Health.Status.WARN, warning));
        }
      }
      unserved().ifPresent(line -> checks.add(new Health.Check("queue", Health.Status.WARN, line)));
    } catch (RigException | Database.FullException e) {
      checks.add(new Health.Check("store", Health.Status.CRITICAL, e.getMessage()));
    }
    left.lines().forEach(line -> checks.add(new Health.Check("threads", Health.Status.WARN, line)));
    sources.forEach(source -> checks.addAll(source.checks()));
    List<Worker> now = workers();
    return new Health(
        !now.isEmpty(),
        now.isEmpty() ? otherOwner() : Optional.of("process " + ProcessHandle.current().pid()),
        checks,
        counts,
        now.stream()
            .map(
                worker ->
                    new Health.Worker(
                        worker.device(),
                        worker.active().map(control -> control.run().id()).orElse(0L)))
            .toList(),
        Machine.freeDisk(home),
        Machine.resident().orElse(0));
  }

  /** What waits for a device that no worker has would wait without end. */
  private Optional<String> unserved() {
    List<String> served = workers().stream().map(Worker::device).distinct().toList();
    if (served.isEmpty()) {
      return Optional.empty();
    }
    List<Run> lost =
        store().list(Query.of(State.QUEUED)).runs().stream()
            .filter(run -> !run.device().equals("auto") && !served.contains(run.device()))
            .toList();
    return lost.stream()
        .findFirst()
        .map(
            run ->
                "run %d waits for %s%s; this server works on %s: cancel it, or set devices"
                    .formatted(
                        run.id(),
                        run.device(),
                        lost.size() > 1 ? ", and %d more likewise".formatted(lost.size() - 1) : "",
                        String.join(", ", served)));
  }

  private Optional<String> otherOwner() {
    Optional<HomeLock> free = HomeLock.tryLock(folder());
    free.ifPresent(HomeLock::close);
    return free.isPresent()
        ? Optional.empty()
        : Optional.of(HomeLock.owner(folder(), "another process"));
  }

  /** Lets every run end its step and write a checkpoint, then lets go of everything. */
  @Override
  public void drain() {
    List<Thread> waiting;
    synchronized (this) {
      closed = true;
      workers.forEach(Worker::drain);
      waiting = List.copyOf(threads);
      notifyAll();
    }
    long end = System.nanoTime() + DRAIN_MILLIS * 1_000_000;
    for (Thread thread : waiting) {
      try {
        thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        LOG.warn("{} is still busy; its run goes on from its last checkpoint", thread.getName());
      }
    }
  }

  @Deactivate
  void close() {
    drain();
    Recorder last;
    synchronized (this) {
      last = recorder;
    }
    try {
      if (last != null) {
        // Not under the lock: it waits for its thread, which may be telling us of a change.
        last.close();
      }
    } catch (Database.FullException e) {
      LOG.warn("the store has no room for the last points; the runs' files have them", e);
    } finally {
      synchronized (this) {
        if (store != null) {
          store.close();
        }
        if (lock != null) {
          lock.close();
        }
      }
    }
  }
}
