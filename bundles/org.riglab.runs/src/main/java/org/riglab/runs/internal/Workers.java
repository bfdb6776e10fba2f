package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of this process: one per device, each with a thread, and a thread that watches them.
 * One process of a home has workers at a time, the one with the {@link HomeLock}.
 */
final class Workers {
  /** Makes a worker. */
  interface Factory {
    /**
     * @param device that it works on
     * @param any whether it takes runs that ask for no device
     */
    Worker of(String device, boolean any);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final long IDLE_MILLIS = 1000;
  private static final long DRAIN_MILLIS = 9_000;

  private final LabStore lab;
  private final Path home;
  private final Limits limits;
  private final Watchdog watchdog;
  private final Culprits culprits;
  private final LeakedThreads leaked;
  private final Factory factory;
  private final StepLimit stepLimit;

  // Guarded by this.
  private HomeLock lock;
  private List<Worker> workers = List.of();
  private final List<Thread> threads = new ArrayList<>();
  private boolean closed;

  Workers(
      LabStore lab,
      Path home,
      Limits limits,
      Watchdog watchdog,
      Culprits culprits,
      LeakedThreads leaked,
      Factory factory) {
    this.lab = lab;
    this.home = home;
    this.limits = limits;
    this.watchdog = watchdog;
    this.culprits = culprits;
    this.leaked = leaked;
    this.factory = factory;
    this.stepLimit = new StepLimit(limits.stepMinutes(), culprits);
  }

  /**
   * @return those at work; none where this process has none
   */
  synchronized List<Worker> now() {
    return workers;
  }

  /**
   * @return which process has workers, in words; empty if none has
   */
  Optional<String> owner() {
    if (!now().isEmpty()) {
      return Optional.of("process " + ProcessHandle.current().pid());
    }
    Optional<HomeLock> free = HomeLock.tryLock(lab.folder());
    free.ifPresent(HomeLock::close);
    return free.isPresent()
        ? Optional.empty()
        : Optional.of(HomeLock.owner(lab.folder(), "another process"));
  }

  /** The store has changed: perhaps there is work, perhaps a run is to stop. */
  void changed() {
    List<Worker> now;
    synchronized (this) {
      now = closed ? List.of() : workers;
      notifyAll();
    }
    if (now.stream().anyMatch(worker -> worker.active().isPresent())) {
      Map<Long, State> wanted = lab.store().claims().wanted();
      now.forEach(worker -> worker.wanted(wanted));
    }
  }

  // In a server

  /**
   * Starts the workers.
   *
   * @param prepare is called once this process has the lock, before the first run is claimed
   * @throws RigException BUSY if another process has workers
   */
  void serve(Runnable prepare) {
    synchronized (this) {
      lock =
          HomeLock.tryLock(lab.folder())
              .orElseThrow(
                  () ->
                      new RigException(
                          RigException.Kind.BUSY,
                          "%s works on the queue of %s already; stop it, or use another --home"
                              .formatted(HomeLock.owner(lab.folder(), "another process"), home)));
    }
    Store store = lab.store();
    store.events().add(0, Event.Type.SERVER, "started by process " + ProcessHandle.current().pid());
    store.claims().recover(limits.crashLimit());
    prepare.run();
    lab.recorder();
    MemoryWatch memory = new MemoryWatch(watchdog, culprits, store);
    synchronized (this) {
      workers = make();
      workers.forEach(this::start);
      start(new Thread(() -> watch(memory), "lab-watchdog"));
    }
  }

  private List<Worker> make() {
    List<String> devices = limits.devices();
    return devices.stream().map(device -> worker(device, devices)).toList();
  }

  /** Runs that ask for no device go to the GPUs, where there are any. */
  private Worker worker(String device, List<String> devices) {
    boolean gpus = devices.stream().anyMatch(d -> d.startsWith("gpu"));
    return factory.of(device, device.startsWith("gpu") || !gpus);
  }

  /** In a group of its own: the threads that its runs leak can be told from others. */
  private void start(Worker worker) {
    String name = "lab-" + worker.device();
    start(new Thread(new ThreadGroup(name), () -> work(worker), name));
  }

  private void start(Thread thread) {
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void work(Worker worker) {
    while (!worker.closed() && !idle(0)) {
      try {
        lab.store().claims().failOrphans();
        if (watchdog.hold().isPresent() || !worker.once(Set.of())) {
          idle(IDLE_MILLIS);
        }
      } catch (RigException e) {
        LOG.warn("{} waits", worker.device(), e);
        idle(5 * IDLE_MILLIS);
      }
    }
  }

  /** Waits for a change; returns whether everything closes. */
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
        memory.watch(now().stream().flatMap(worker -> worker.active().stream()).toList());
        for (Worker worker : now()) {
          worker.active().ifPresent(control -> watch(worker, control));
        }
        leaked.sweep();
      } catch (RigException e) {
        LOG.warn("the watchdog could not look", e);
      }
      idle(2 * IDLE_MILLIS);
    }
  }

  private void watch(Worker worker, Control control) {
    watchdog.watch(control, lab.store());
    if (stepLimit.watch(worker, control)) {
      Worker next = worker(worker.device(), limits.devices());
      synchronized (this) {
        if (!closed) {
          workers = workers.stream().map(w -> w == worker ? next : w).toList();
          threads.remove(control.thread());
          start(next);
        }
      }
    }
  }

  // In a process that waits for one run

  /**
   * Waits for a run to end or to be paused; does it here if no other process has workers.
   *
   * @param watcher is told of the run as it goes on
   */
  @SuppressWarnings("try") // the lock is held, not used
  Run await(long id, Consumer<Run> watcher) {
    Run run = lab.store().run(id);
    while (!over(run)) {
      Optional<HomeLock> mine = now().isEmpty() ? HomeLock.tryLock(lab.folder()) : Optional.empty();
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
    List<Worker> mine = make();
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
              .formatted(
                  run.id(),
                  run.device(),
                  String.join(", ", mine.stream().map(Worker::device).toList())));
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

  /** Lets another process have workers. */
  synchronized void release() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
