package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Run;
import org.riglab.base.Steady;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a worker for each device, gives it runs of the queue one after the other, and replaces it
 * when it dies or makes no step. Computes nothing itself.
 */
final class Supervisor {
  private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
  private static final long LOOK_MILLIS = 1000;
  private static final long KILL_SECONDS = 5;

  /** What could not begin now, such as a run whose network another process uses, is not tried. */
  private static final long REST_NANOS = 5_000_000_000L;

  private static final int MIB = 20;

  private final Store store;
  private final Watchdog watchdog;
  private final Limits limits;
  private final WorkerSettings settings;
  private final WorkerHost host;
  private final Culprits culprits;
  private final List<Seat> seats;
  private final Thread thread;
  private final Map<Long, Long> resting = new HashMap<>(); // of the thread: run and since when

  // Guarded by this.
  private boolean closed;
  private boolean woken;

  /**
   * @param store of the queue
   * @param recorder is told what runs say
   * @param host starts the processes
   * @param culprits knows which parts are of plugins
   */
  Supervisor(
      Store store,
      Recorder recorder,
      Watchdog watchdog,
      Limits limits,
      WorkerSettings settings,
      WorkerHost host,
      Culprits culprits) {
    this.store = store;
    this.watchdog = watchdog;
    this.limits = limits;
    this.settings = settings;
    this.host = host;
    this.culprits = culprits;
    this.seats =
        Place.of(limits.devices()).stream()
            .map(place -> new Seat(place, host, recorder, this::wake))
            .toList();
    this.thread = new Thread(this::work, "lab-supervisor");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Something happened: perhaps there is work. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  private void work() {
    while (!idle()) {
      Steady.run("the check of the watchdog", this::watch);
      for (Seat seat : seats) {
        Steady.run("the look at " + seat.title(), () -> look(seat));
      }
    }
  }

  private void watch() {
    store.orders().tick();
    watchdog.checks();
    shortage();
  }

  /** Waits for something to happen; returns whether the end has come. */
  private synchronized boolean idle() {
    try {
      if (!woken && !closed) {
        wait(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      LOG.debug("the supervisor was interrupted", e); // only the end of the server ends it
    }
    woken = false;
    return closed;
  }

  private void look(Seat seat) {
    if (seat.dead()) {
      died(seat.bury());
    }
    if (!seat.occupied()) {
      if (!host.ending()) {
        seat.start();
      }
      return;
    }
    finished(seat);
    seat.check(limits.stepMinutes() * 60);
    if (seat.run() > 0) {
      watchdog.watch(seat.vitals(), store);
    } else if (seat.free() && !host.ending()) {
      if (seat.worn(
          (long) settings.recycleGrowthMib() << MIB,
          limits.maxMemory(),
          settings.recycleUpdates())) {
        LOG.info("{} is replaced by a new process", seat.title());
        seat.leave();
      } else {
        store.claims().failOrphans();
        watchdog.makeRoom(store);
        if (watchdog.hold().isEmpty()) {
          store
              .claims()
              .claim(seat.place().device(), seat.place().any(), Set.of(), resting())
              .ifPresent(job -> seat.give(job.run().id()));
        }
      }
    }
  }

  /** A worker writes itself how its run ended; where it could not, the run waits. */
  private void finished(Seat seat) {
    long id = seat.finished();
    if (id == 0) {
      return;
    }
    if (store.run(id).state() == Run.State.RUNNING) {
      store.claims().putBack(id, "");
    }
    if (seat.waits()) {
      resting.put(id, System.nanoTime());
    }
  }

  private Set<Long> resting() {
    long now = System.nanoTime();
    resting.values().removeIf(since -> now - since > REST_NANOS);
    return resting.keySet();
  }

  private void died(Seat.Death death) {
    if (death.wanted()) {
      LOG.info("{}", death.why());
      if (death.run() > 0 && store.run(death.run()).state() == Run.State.RUNNING) {
        store.claims().putBack(death.run(), "");
      }
      return;
    }
    String why = death.run() > 0 ? suspecting(death.why(), death.run()) : death.why();
    LOG.warn("{}", why);
    store.events().add(death.run(), Event.Type.WARNING, why);
    if (death.run() > 0 && store.run(death.run()).state() == Run.State.RUNNING) {
      store.claims().recover(death.run(), limits.crashLimit(), why);
    }
  }

  /** Adds the plugins that took part in a run, where no line says yet which of them it was. */
  private String suspecting(String line, long run) {
    List<String> suspects =
        culprits.plugins(
            store.run(run).parts().values().stream().map(part -> part.split(" ")[0]).toList());
    return suspects.isEmpty() || suspects.stream().anyMatch(line::contains)
        ? line
        : line + "; suspected: " + String.join(", ", suspects);
  }

  /** One run at a time is paused: the rest may have enough then. */
  private void shortage() {
    List<Seat> busy = seats.stream().filter(seat -> seat.run() > 0).toList();
    for (Seat seat : busy) {
      long held = seat.vitals().residentBytes();
      if (limits.maxMemory() > 0 && held > limits.maxMemory()) {
        pause(
            seat,
            "%s uses %s, %s allowed"
                .formatted(seat.title(), Watchdog.size(held), Watchdog.size(limits.maxMemory())));
      }
    }
    watchdog
        .shortage()
        .ifPresent(
            why ->
                busy.stream()
                    .max(Comparator.comparingLong(seat -> seat.vitals().residentBytes()))
                    .ifPresent(seat -> pause(seat, why)));
  }

  private void pause(Seat seat, String why) {
    seat.want(Run.State.PAUSED, suspecting(why + seat.growth(), seat.run()));
  }

  /** Passes on what is asked of runs. */
  void wanted(Map<Long, Run.State> wanted) {
    for (Seat seat : seats) {
      Run.State state = wanted.get(seat.run());
      if (state != null) {
        seat.want(state, "");
      }
    }
  }

  /**
   * Asks every worker at once, and waits for all answers. One that is starting is not asked: it
   * begins with what the home records.
   *
   * @throws RigException as the first of them refuses; the others have done what was asked
   */
  List<Map<String, Object>> ask(String op, Map<String, Object> body, long seconds) {
    List<CompletableFuture<Map<String, Object>>> asked = new ArrayList<>();
    for (Seat seat : seats) {
      if (seat.reachable()) {
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        asked.add(answer);
        Thread thread = new Thread(() -> ask(seat, op, body, seconds, answer), "lab-ask");
        thread.setDaemon(true);
        thread.start();
      }
    }
    RigException refused = null;
    List<Map<String, Object>> answers = new ArrayList<>();
    for (CompletableFuture<Map<String, Object>> answer : asked) {
      try {
        answers.add(answer.join());
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof RigException refusal)) {
          throw e;
        }
        refused = refused == null ? refusal : refused;
      }
    }
    if (refused != null) {
      throw refused;
    }
    return answers;
  }

  /**
   * Asks one worker, preferably one without a run. Waits for one that starts.
   *
   * @throws RigException as it refuses; UNAVAILABLE if none is ready within 30 s
   */
  Map<String, Object> askOne(String op, Map<String, Object> body, long seconds) {
    return ReadySeat.of(seats).ask(op, body, seconds);
  }

  private static void ask(
      Seat seat,
      String op,
      Map<String, Object> body,
      long seconds,
      CompletableFuture<Map<String, Object>> answer) {
    try {
      answer.complete(seat.ask(op, body, seconds));
    } catch (RigException e) {
      if (seat.reachable()) {
        answer.completeExceptionally(e);
      } else {
        LOG.info("{} ended before it answered", seat.title(), e);
        answer.complete(Map.of("users", Map.of()));
      }
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  /** Tells every worker something. */
  void tell(String op) {
    for (Seat seat : seats) {
      if (seat.reachable()) {
        seat.tell(op, Map.of());
      }
    }
  }

  boolean busy() {
    return seats.stream().anyMatch(seat -> seat.run() > 0);
  }

  List<Health.Worker> workers() {
    return seats.stream()
        .map(seat -> new Health.Worker(seat.place().device(), seat.run()))
        .toList();
  }

  List<Health.Check> checks() {
    List<Health.Check> checks = new ArrayList<>();
    for (Seat seat : seats) {
      checks.add(
          new Health.Check(
              "worker " + seat.place().name(),
              seat.reachable() ? Health.Status.OK : Health.Status.WARN,
              seat.reachable()
                  ? "%s holds %s"
                      .formatted(seat.title(), Watchdog.size(seat.vitals().residentBytes()))
                  : seat.title() + " is starting"));
    }
    return checks;
  }

  /** Lets every run end its step and write a checkpoint, for as long as the grace time lasts. */
  void drain() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    join();
    store.orders().save();
    seats.forEach(Seat::leave);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.graceSeconds());
    for (Seat seat : seats) {
      await(seat, end - System.nanoTime());
    }
    for (Seat seat : seats) {
      seat.kill("it was still busy after %d s".formatted(settings.graceSeconds()));
      await(seat, TimeUnit.SECONDS.toNanos(KILL_SECONDS));
      if (seat.dead()) {
        settle(seat.bury());
      }
    }
  }

  /** Runs at work continue at the next start; this does not count as a crash. */
  private void settle(Seat.Death death) {
    LOG.info("{}", death.why());
    try {
      if (death.run() > 0 && store.run(death.run()).state() == Run.State.RUNNING) {
        store.claims().putBack(death.run(), "");
      }
    } catch (RigException e) {
      LOG.warn("run {} remains in state running; the next start continues it", death.run(), e);
    }
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(Seat seat, long nanos) {
    try {
      seat.exit().get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LOG.warn("{} is still busy", seat.title(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
