package org.riglab.runs.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does runs in this process, one at a time, each on a thread of its own. */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long RETRY_MILLIS = 1000;
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("can't allocate memory|out of memory|OutOfMemory", Pattern.CASE_INSENSITIVE);
  private static final String[] FULL = {"No space left", "Disk quota exceeded", "disk is full"};

  private final Place place;
  private final Bench bench;
  private final Store store;
  private final Recorder recorder;
  private final Runner runner;
  private final Culprits culprits;
  private volatile Control active;
  private volatile boolean closed;

  /**
   * @param place whose runs it does
   */
  Worker(
      Place place,
      Bench bench,
      Store store,
      Recorder recorder,
      Runner runner,
      Culprits culprits) {
    this.place = place;
    this.bench = bench;
    this.store = store;
    this.recorder = recorder;
    this.runner = runner;
    this.culprits = culprits;
  }

  Optional<Control> active() {
    return Optional.ofNullable(active);
  }

  /** Stops what runs, as soon as it has written a checkpoint, and takes nothing more. */
  void drain() {
    closed = true;
    Control control = active;
    if (control != null) {
      control.drain();
    }
  }

  /** Passes on what somebody asks of the run. */
  void wanted(Map<Long, Run.State> wanted) {
    Control control = active;
    if (control != null && wanted.containsKey(control.run().id())) {
      control.want(wanted.get(control.run().id()), "");
    }
  }

  /**
   * Takes the next run and does it.
   *
   * @param only ids that count; empty for all
   * @return whether there was one
   * @throws RigException if there is no room on the disk to go on; the run waits
   */
  boolean once(Set<Long> only) {
    Optional<Store.Job> next = store.claim(place.device(), place.any(), only);
    next.ifPresent(job -> perform(job, control -> {}));
    return next.isPresent();
  }

  /**
   * Does a run that was claimed, and writes down how it ended.
   *
   * @param begun is given the run's control before anything else happens
   * @return whether it has left something behind, threads or an exhausted heap, so that the process
   *     should do no other
   * @throws RigException if there is no room on the disk to go on; the run waits
   */
  boolean perform(Store.Job job, Consumer<Control> begun) {
    Done done = new Done();
    RunThread thread = new RunThread("lab-" + place.name(), () -> work(job, begun, done));
    List<Thread> left = thread.run();
    if (!left.isEmpty() && !closed) {
      tellLeft(job.run().id(), left);
    }
    if (done.waits != null) {
      throw done.waits;
    }
    return done.exhausted || !left.isEmpty();
  }

  /** What the thread of a run has to say to whoever waits for it. */
  private static final class Done {
    private RigException waits;
    private boolean exhausted;
  }

  private void work(Store.Job job, Consumer<Control> begun, Done done) {
    long id = job.run().id();
    Control control = new Control(job.run(), store, recorder);
    active = control;
    begun.accept(control);
    if (closed) {
      control.drain();
    }
    try {
      Runner.Outcome outcome = runner.run(job, place.local(), control);
      switch (outcome) {
        case DONE -> settle(id, Run.State.DONE, "");
        case WITHOUT_PART -> settle(id, Run.State.PAUSED, control.lastMessage());
        case STOPPED -> stopped(id, control);
      }
      tidy(job.run(), outcome);
    } catch (Throwable e) { // also what natives throw: the run fails, the worker goes on
      done.exhausted = exhausted(e);
      done.waits = failed(id, control, e);
    } finally {
      active = null;
    }
  }

  /** The rest of a process whose heap was full is not to be relied on. */
  private static boolean exhausted(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
    }
    return false;
  }

  private void tellLeft(long id, List<Thread> left) {
    persist(
        () -> {
          List<String> suspects =
              culprits.plugins(
                  store.run(id).parts().values().stream().map(part -> part.split(" ")[0]).toList());
          for (Thread thread : left) {
            String who =
                culprits
                    .in(List.of(thread))
                    .map(Culprits.Culprit::toString)
                    .orElse(suspects.isEmpty() ? "" : "suspected: " + String.join(", ", suspects));
            String line =
                "thread '%s' was left behind%s"
                    .formatted(thread.getName(), who.isEmpty() ? "" : "; " + who);
            LOG.warn("run {}: {}", id, line);
            store.event(id, Event.Type.WARNING, line);
          }
        });
  }

  private void tidy(Run run, Runner.Outcome outcome) {
    if (run.replayOf() > 0 && outcome == Runner.Outcome.DONE) {
      bench.discard(run.network());
    }
  }

  private void stopped(long id, Control control) {
    Run.State wanted = control.wanted();
    if (wanted != null) {
      settle(id, wanted, control.why());
    } else if (control.asked()) {
      put(id, "");
    } else {
      settle(id, Run.State.PAUSED, "its thread was interrupted");
    }
  }

  /** Writes down why a run did not come to its end; returns why no other can begin now, if so. */
  private RigException failed(long id, Control control, Throwable e) {
    if (control.asked() && (e instanceof Control.Stopped || e instanceof RigException)) {
      LOG.info("run {} stopped", id, e);
      stopped(id, control);
      return null;
    }
    LOG.warn("run {} failed", id, e);
    if (full(e)) {
      String line = "there is no room on the disk; it goes on once there is";
      put(id, line);
      return new RigException(RigException.Kind.NO_SPACE, line, e);
    }
    if (e instanceof RigException busy && busy.kind() == RigException.Kind.BUSY) {
      put(id, "waits: " + line(e));
      return new RigException(RigException.Kind.BUSY, line(e), e);
    }
    settle(id, Run.State.FAILED, line(e));
    return null;
  }

  private static boolean full(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Database.FullException) {
        return true;
      }
      for (String sign : FULL) {
        if (String.valueOf(cause.getMessage()).contains(sign)) {
          return true;
        }
      }
    }
    return false;
  }

  /** One line for people: what natives throw has many, and the one that counts may be the last. */
  static String line(Throwable e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Optional<String> memory =
          String.valueOf(cause.getMessage())
              .lines()
              .filter(line -> OUT_OF_MEMORY.matcher(line).find())
              .findFirst();
      if (memory.isPresent() || cause instanceof OutOfMemoryError) {
        String what = memory.orElse(String.valueOf(cause.getMessage())).strip();
        // Who ran out of it, where that is known.
        String who = e instanceof RigException && !message.contains(what) ? message + ": " : "";
        return e instanceof RigException && message.contains(what)
            ? message + "; a smaller batch or crop needs less memory"
            : "%sout of memory: %s; a smaller batch or crop needs less".formatted(who, what);
      }
    }
    return e instanceof RigException ? message : e.getClass().getSimpleName() + ": " + message;
  }

  private void settle(long id, Run.State state, String error) {
    persist(
        () -> {
          recorder.flush();
          store.end(id, state, error);
        });
  }

  private void put(long id, String why) {
    persist(
        () -> {
          recorder.flush();
          store.putBack(id, why);
        });
  }

  /**
   * Insists: a full disk, or a store that another process keeps busy, does not last. A process that
   * ends meanwhile leaves the run as running, which is what the next one continues.
   */
  private void persist(Runnable change) {
    while (true) {
      try {
        change.run();
        return;
      } catch (Database.FullException | RigException e) {
        if (closed) {
          return;
        }
        LOG.warn("cannot write now how a run ended; trying again", e);
      }
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
