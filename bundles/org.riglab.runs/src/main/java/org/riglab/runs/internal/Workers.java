package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.ProcessLock;

/**
 * Who works on the queue: in a server the processes of its supervisor, in a process that waits for
 * a run that process itself. One process of a home does so at a time, the one with the lock.
 */
final class Workers {
  private static final String LOCK = "worker";
  private static final long POLL_MILLIS = 500;

  private final LabStore lab;
  private final Path home;
  private final Limits limits;
  private final Watchdog watchdog;
  private final BooleanSupplier ending;
  private final Supplier<Supervisor> supervisors;
  private final Function<Place, Worker> factory;

  // Guarded by this.
  private ProcessLock lock;
  private List<Worker> workers = List.of();
  private Supervisor supervisor;
  private boolean closed;

  /**
   * @param ending whether the process has been told to end
   * @param supervisors makes that of a server
   * @param factory makes a worker of this process
   */
  Workers(
      LabStore lab,
      Path home,
      Limits limits,
      Watchdog watchdog,
      BooleanSupplier ending,
      Supplier<Supervisor> supervisors,
      Function<Place, Worker> factory) {
    this.lab = lab;
    this.home = home;
    this.limits = limits;
    this.watchdog = watchdog;
    this.ending = ending;
    this.supervisors = supervisors;
    this.factory = factory;
  }

  private Optional<ProcessLock> tryLock() {
    return ProcessLock.tryTake(lab.folder(), LOCK, "process " + ProcessHandle.current().pid());
  }

  private String holder() {
    return ProcessLock.owner(lab.folder(), LOCK, "another process");
  }

  private synchronized List<Worker> now() {
    return workers;
  }

  /**
   * @return what looks after the workers; empty where this process is no server
   */
  synchronized Optional<Supervisor> supervisor() {
    return Optional.ofNullable(supervisor);
  }

  Worker make(Place place) {
    return factory.apply(place);
  }

  /**
   * @return which process works on the queue, in words; empty if none does
   */
  Optional<String> owner() {
    if (!now().isEmpty() || supervisor().isPresent()) {
      return Optional.of("process " + ProcessHandle.current().pid());
    }
    Optional<ProcessLock> free = tryLock();
    free.ifPresent(ProcessLock::close);
    return free.isPresent() ? Optional.empty() : Optional.of(holder());
  }

  /** The store has changed: perhaps there is work, perhaps a run is to stop. */
  void changed() {
    List<Worker> here;
    Supervisor server;
    synchronized (this) {
      here = closed ? List.of() : workers;
      server = closed ? null : supervisor;
    }
    if (server != null && server.busy()
        || here.stream().anyMatch(worker -> worker.active().isPresent())) {
      Map<Long, State> wanted = lab.store().claims().wanted();
      here.forEach(worker -> worker.wanted(wanted));
      if (server != null) {
        server.wanted(wanted);
      }
    }
    if (server != null) {
      lab.store().orders().touch();
      server.wake();
    }
  }

  // In a server

  /**
   * Starts the workers.
   *
   * @param prepare is called once this process has the lock, before the first run is claimed
   * @return whether they are started; false if the process has been told to end meanwhile
   * @throws RigException BUSY if another process works on the queue
   */
  boolean serve(Runnable prepare) {
    if (ends()) {
      return false;
    }
    synchronized (this) {
      lock =
          tryLock()
              .orElseThrow(
                  () ->
                      new RigException(
                          RigException.Kind.BUSY,
                          "%s works on the queue of %s already; stop it, or use another --home"
                              .formatted(holder(), home)));
    }
    WorkerLock.evict(lab.folder());
    Store store = lab.store();
    store.events().add(0, Event.Type.SERVER, "started by process " + ProcessHandle.current().pid());
    store.claims().recover(limits.crashLimit());
    if (ends()) {
      return false;
    }
    lab.check();
    prepare.run();
    Supervisor server = supervisors.get();
    synchronized (this) {
      if (ends()) {
        return false;
      }
      supervisor = server;
    }
    server.start();
    return true;
  }

  private synchronized boolean ends() {
    return closed || ending.getAsBoolean();
  }

  // In a process that waits for one run

  /**
   * Waits for a run to end or to be paused; does it here if no other process has workers.
   *
   * @param watcher receives the state of the run while it is executed
   */
  @SuppressWarnings("try") // the lock is held, not used
  Run await(long id, Consumer<Run> watcher) {
    Run run = lab.store().run(id);
    while (!over(run)) {
      Optional<ProcessLock> mine = now().isEmpty() ? tryLock() : Optional.empty();
      if (mine.isPresent()) {
        try (ProcessLock held = mine.get()) {
          return workOn(id, watcher);
        }
      }
      watcher.accept(run);
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return lab.store().run(id);
      }
      run = lab.store().run(id);
    }
    watcher.accept(run);
    return run;
  }

  private static boolean over(Run run) {
    return run.state().ended() || run.state() == State.PAUSED;
  }

  /** Does a run and what it depends on; the queue of others waits for a server. */
  private Run workOn(long id, Consumer<Run> watcher) {
    lab.store().claims().recover(limits.crashLimit());
    Set<Long> only = new TreeSet<>();
    needed(id, only);
    List<Worker> mine = Place.of(limits.devices()).stream().map(factory).toList();
    synchronized (this) {
      workers = mine;
    }
    Lab.Registration watching = lab.recorder().listen(new Told(id, watcher));
    try {
      while (true) {
        lab.store().claims().failOrphans();
        Run run = lab.store().run(id);
        if (over(run)) {
          watcher.accept(run);
          return run;
        }
        work(run, mine, only);
      }
    } finally {
      watching.close();
      synchronized (this) {
        workers = List.of();
      }
    }
  }

  private void work(Run run, List<Worker> mine, Set<Long> only) {
    watchdog.makeRoom(lab.store());
    Optional<String> hold = watchdog.hold();
    if (hold.isPresent()) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE, "run %d waits: %s".formatted(run.id(), hold.get()));
    }
    boolean worked = false;
    for (Worker worker : mine) {
      worked |= worker.once(only);
    }
    if (!worked) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "run %d cannot start here: it asks for %s, here is %s"
              .formatted(run.id(), run.device(), String.join(", ", limits.devices())));
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
        watcher.accept(lab.store().run(id));
      }
    }
  }

  private void needed(long id, Set<Long> into) {
    if (into.add(id)) {
      lab.store().run(id).after().forEach(after -> needed(after, into));
    }
  }

  // At the end

  /** Lets every run end its step and write a checkpoint. */
  void drain() {
    Supervisor server;
    synchronized (this) {
      closed = true;
      workers.forEach(Worker::drain);
      server = supervisor;
      supervisor = null;
    }
    if (server != null) {
      server.drain();
    }
  }

  /** Lets another process work on the queue. */
  synchronized void release() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
