package org.riglab.runs.internal;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.riglab.api.RigException;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place and the process that works there now. What the process says arrives on the link's thread;
 * everything else happens on the supervisor's.
 */
final class Seat implements Link.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Seat.class);

  /** For a process to start, on a busy machine. */
  private static final double READY_SECONDS = 120;

  /** A worker without a run reports every second. */
  private static final double IDLE_SECONDS = 60;

  private static final long EOF_SECONDS = 2;
  private static final long WHERE_SECONDS = 2;

  private final Place place;
  private final WorkerHost host;
  private final Recorder recorder;
  private final Runnable wake;

  // Of the supervisor's thread.
  private CompletableFuture<Void> silent = new CompletableFuture<>();
  private final Restarts restarts = new Restarts();
  private long baseline;

  private final AtomicInteger updates = new AtomicInteger(); // of plugins, in this process

  private volatile WorkerHost.Running process;
  private volatile Link link;
  private volatile String killed = "";
  private volatile boolean leaving;
  private volatile long started;
  private volatile boolean ready;
  private volatile boolean finished;
  private volatile boolean worn;
  private volatile boolean waits;
  private volatile long run;
  private volatile Vitals vitals = Vitals.NONE;
  private volatile String farewell = "";
  private volatile Sample first; // of the run, after its first steps
  private volatile long done;
  private volatile long heard;

  private record Sample(long done, long residentBytes) {}

  /**
   * How a process ended.
   *
   * @param run that it worked on; 0 for none
   * @param why in words
   * @param wanted whether the server asked it to end
   */
  record Death(long run, String why, boolean wanted) {}

  /**
   * @param recorder of what runs say
   * @param wake is called when something happened that the supervisor must look at
   */
  Seat(Place place, WorkerHost host, Recorder recorder, Runnable wake) {
    this.place = place;
    this.host = host;
    this.recorder = recorder;
    this.wake = wake;
  }

  Place place() {
    return place;
  }

  /** The run it works on; 0 for none. */
  long run() {
    return run;
  }

  boolean occupied() {
    return process != null;
  }

  /** Whether a run may be given to it. */
  boolean free() {
    return process != null && ready && run == 0 && !leaving && killed.isEmpty();
  }

  /** Whether its process could be asked something. */
  boolean reachable() {
    return process != null && ready && !leaving && killed.isEmpty();
  }

  /** What it reported, as it stands now. */
  Vitals vitals() {
    return vitals.after(sinceHeard());
  }

  String title() {
    WorkerHost.Running now = process;
    return now == null ? "worker " + place.name() : now.title();
  }

  private double sinceHeard() {
    return (System.nanoTime() - heard) / 1e9;
  }

  /** Starts a process, unless those before it ended too fast. */
  void start() {
    if (process != null || !restarts.due()) {
      return;
    }
    started = System.nanoTime();
    try {
      WorkerHost.Running next = host.start(place);
      silent = new CompletableFuture<>();
      ready = false;
      finished = false;
      worn = false;
      leaving = false;
      killed = "";
      farewell = "";
      run = 0;
      baseline = 0;
      updates.set(0);
      vitals = Vitals.NONE;
      heard = started;
      process = next;
      link = new Link(next.title(), next.output(), next.input(), this);
      link.open();
      next.exit().thenRun(wake);
      LOG.info("{} started", next.title());
    } catch (RigException e) {
      LOG.error("no worker for {}", place.name(), e);
      restarts.failed();
    }
  }

  /** Gives it a run. */
  void give(long id) {
    heard = System.nanoTime();
    vitals = new Vitals(id, 0, 0, false, vitals.residentBytes());
    first = null;
    done = 0;
    run = id;
    link.tell("start", Map.of("run", id));
  }

  /** By how much the process has grown with its run's steps, in words; empty if it has not. */
  String growth() {
    Sample since = first;
    long grown = since == null ? 0 : vitals.residentBytes() - since.residentBytes();
    return grown <= 0 || done <= since.done()
        ? ""
        : "; it has grown by %s in %d steps".formatted(Watchdog.size(grown), done - since.done());
  }

  /** Passes a request on to its run. */
  void want(Run.State state, String why) {
    link.tell("want", Map.of("run", run, "state", state.name(), "why", why));
  }

  void tell(String op, Map<String, Object> body) {
    link.tell(op, body);
  }

  Map<String, Object> ask(String op, Map<String, Object> body, long seconds) {
    if (op.equals("exchange")) {
      updates.incrementAndGet();
    }
    return link.ask(op, body, seconds);
  }

  /** Asks it to end: its run ends its step and writes a checkpoint. */
  void leave() {
    if (process != null && !leaving) {
      leaving = true;
      link.close();
    }
  }

  void kill(String why) {
    if (process != null && killed.isEmpty() && !process.exit().isDone()) {
      LOG.warn("{} is killed: {}", process.title(), why);
      killed = why;
      process.kill();
    }
  }

  /**
   * Looks whether it makes no step, or does not answer.
   *
   * @param stepSeconds without a step; 0 for no limit
   */
  void check(double stepSeconds) {
    if (process == null || !killed.isEmpty() || leaving) {
      return;
    }
    if (!ready) {
      if ((System.nanoTime() - started) / 1e9 > READY_SECONDS) {
        kill("it was not ready after %.0f s".formatted(READY_SECONDS));
      }
    } else if (run == 0) {
      if (sinceHeard() > IDLE_SECONDS) {
        kill("it has not reported for %.0f s".formatted(IDLE_SECONDS));
      }
    } else {
      Vitals now = vitals();
      if (stepSeconds > 0 && now.deadSeconds() >= stepSeconds) {
        kill("no step for %s%s".formatted(Watchdog.duration(now.deadSeconds()), where()));
      }
    }
  }

  /** In what its run hangs, and whose that is; empty if the process does not even say that. */
  private String where() {
    try {
      return ": " + link.ask("where", Map.of(), WHERE_SECONDS).get("where");
    } catch (RigException e) {
      LOG.warn("{} has not reported its position", title(), e);
      return "";
    }
  }

  /**
   * Whether it should make place for a fresh process, now that it has no run.
   *
   * @param growth bytes more than after its first run; 0 for no limit
   * @param most bytes that it may hold; 0 for no limit
   * @param mostUpdates of plugins; 0 for no limit
   */
  boolean worn(long growth, long most, int mostUpdates) {
    long held = vitals.residentBytes();
    return worn
        || most > 0 && held > most
        || mostUpdates > 0 && updates.get() >= mostUpdates
        || growth > 0 && baseline > 0 && held - baseline > growth;
  }

  /** Whether the run that has just ended could not begin or go on now. */
  boolean waits() {
    return waits;
  }

  /** Its run has ended, by what it says; returns its id, once, else 0. */
  long finished() {
    if (!finished) {
      return 0;
    }
    finished = false;
    restarts.worked();
    long id = run;
    run = 0;
    vitals = new Vitals(0, 0, 0, false, vitals.residentBytes());
    if (baseline == 0) {
      baseline = vitals.residentBytes();
    }
    return id;
  }

  /** Whether the process has ended, and everything it said was read. */
  boolean dead() {
    if (process == null || !process.exit().isDone()) {
      return false;
    }
    try {
      silent.get(EOF_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("{} has ended, but another process keeps its output open", process.title(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return true;
  }

  /** Clears the place of a process that is dead. */
  Death bury() {
    int status = process.exit().join();
    String words = killed.isEmpty() ? process.lastWords() : killed;
    if (words.isEmpty()) {
      words = farewell;
    }
    String why =
        "%s %s%s".formatted(process.title(), ending(status), words.isEmpty() ? "" : ": " + words);
    Death death = new Death(run, why, leaving && killed.isEmpty());
    link.close();
    process = null;
    ready = false;
    run = 0;
    vitals = Vitals.NONE;
    restarts.ended();
    if (death.run() == 0 && !death.wanted()) {
      restarts.failed();
    }
    return death;
  }

  private static String ending(int status) {
    return status > 128 && status < 160
        ? "was ended by signal " + (status - 128)
        : "ended with status " + status;
  }

  CompletableFuture<Integer> exit() {
    return process == null ? CompletableFuture.completedFuture(0) : process.exit();
  }

  // What the process says

  @Override
  public void told(String op, Map<String, Object> body) {
    switch (op) {
      case "ready" -> {
        heard = System.nanoTime();
        ready = true;
        link.tell("plugins", Map.of()); // they may have changed since it read what there is
        LOG.info("{} is ready after {} ms", title(), (heard - started) / 1_000_000);
        wake.run();
      }
      case "vitals" -> {
        Vitals now = Vitals.of(body);
        if (now.run() == run) { // else it has not begun with the run that it was given
          heard = System.nanoTime();
          vitals = now;
          if (first == null && done > 0) {
            first = new Sample(done, now.residentBytes());
          }
        }
      }
      case "points" -> pass(Report.of(body));
      case "ended" -> {
        worn |= Boolean.TRUE.equals(body.get("worn"));
        waits = Boolean.TRUE.equals(body.get("waits"));
        vitals = new Vitals(run, 0, 0, false, Vitals.number(body, "resident").longValue());
        finished = true;
        wake.run();
      }
      case "farewell" -> farewell = String.valueOf(body.get("why"));
      default -> LOG.warn("{} sent the unknown message '{}'", title(), op);
    }
  }

  private void pass(Report report) {
    done = report.progress().done();
    recorder.pass(report.run(), report.progress(), report.points());
  }

  @Override
  public Map<String, Object> asked(String op, Map<String, Object> body) {
    throw new RigException("a server does not answer the message '%s'".formatted(op));
  }

  @Override
  public void ended() {
    silent.complete(null);
    wake.run();
  }
}
