package org.riglab.runs.internal;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does runs in this process, one at a time, each on a thread of its own. */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long RETRY_MILLIS = 1000;

  /** Failures of the store that pass. */
  private static final Set<RigException.Kind> PASSING =
      EnumSet.of(RigException.Kind.NO_SPACE, RigException.Kind.BUSY, RigException.Kind.IO);

  private final Place place;
  private final Networks networks;
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
      Networks networks,
      Store store,
      Recorder recorder,
      Runner runner,
      Culprits culprits) {
    this.place = place;
    this.networks = networks;
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

  /** Passes requests on to the run at work. */
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
   * @throws RigException NO_SPACE or BUSY if the run was put back into the queue: it starts again
   *     once there is room on the disk, or once its network is free
   */
  boolean once(Set<Long> only) {
    Optional<Job> next = store.claims().claim(place.device(), place.any(), only, Set.of());
    next.ifPresent(job -> perform(job, control -> {}));
    return next.isPresent();
  }

  /**
   * Does a run that was claimed, and writes down how it ended.
   *
   * @param begun is given the run's control before anything else happens
   * @return whether it has left something behind, threads or an exhausted heap, so that the process
   *     should do no other
   * @throws RigException NO_SPACE or BUSY if the run was put back into the queue
   */
  boolean perform(Job job, Consumer<Control> begun) {
    Done done = new Done();
    RunThread thread = new RunThread("lab-" + place.name(), () -> work(job, begun, done));
    List<Thread> left = thread.run().stream().filter(this::perhapsOfPlugin).toList();
    IdleMemory.release(); // else it would look like growth, and a small run would hold it
    if (!left.isEmpty() && !closed) {
      tellLeft(job.run().id(), left);
    }
    if (done.waits != null) {
      throw done.waits;
    }
    return done.exhausted || !left.isEmpty();
  }

  /**
   * Whether a plugin may have started a thread: not if its class is that of another bundle, such as
   * the thread with which JNA frees memory, which starts at the first use.
   */
  private boolean perhapsOfPlugin(Thread thread) {
    Class<?> type = thread.getClass();
    return type.getClassLoader() == null || culprits.owner(type.getName()).isPresent();
  }

  /** The result of the thread of a run. */
  private static final class Done {
    private RigException waits;
    private boolean exhausted;
  }

  private void work(Job job, Consumer<Control> begun, Done done) {
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
            store.events().add(id, Event.Type.WARNING, line);
          }
        });
  }

  private void tidy(Run run, Runner.Outcome outcome) {
    if (run.replayOf() > 0 && outcome == Runner.Outcome.DONE) {
      networks.discard(run.network());
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
    // Cleared, as it would disturb what is written now.
    boolean interrupted = Thread.interrupted();
    boolean asked = control.asked();
    boolean cancelled = e instanceof CancellationException && (asked || interrupted);
    if (cancelled || asked && e instanceof RigException) {
      LOG.info("run {} stopped", id, e);
      stopped(id, control);
      return null;
    }
    LOG.warn("run {} failed", id, e);
    RunFailure failure = RunFailure.of(e, Machine.freeDisk(networks.home()));
    switch (failure.kind()) {
      case NO_SPACE -> {
        String line = "the disk is full; the run continues when there is room";
        put(id, line);
        return new RigException(failure.kind(), line, e);
      }
      case BUSY -> {
        put(id, "waits: " + failure.line());
        return new RigException(failure.kind(), failure.line(), e);
      }
      default -> {
        persist(
            () -> {
              recorder.flush();
              store.claims().fail(id, failure);
            });
        return null;
      }
    }
  }

  private void settle(long id, Run.State state, String error) {
    persist(
        () -> {
          recorder.flush();
          store.claims().end(id, state, error);
        });
  }

  private void put(long id, String why) {
    persist(
        () -> {
          recorder.flush();
          store.claims().putBack(id, why);
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
      } catch (RigException e) {
        if (closed) {
          return;
        }
        if (!PASSING.contains(e.kind())) {
          throw e;
        }
        LOG.warn("cannot write the end of a run; trying again", e);
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
