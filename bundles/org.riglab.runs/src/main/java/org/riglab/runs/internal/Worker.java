package org.riglab.runs.internal;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works on the queue, one run at a time. */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long RETRY_MILLIS = 1000;

  /** Failures of the store that pass. */
  private static final Set<RigException.Kind> PASSING =
      EnumSet.of(RigException.Kind.NO_SPACE, RigException.Kind.BUSY, RigException.Kind.IO);

  private final String device;
  private final boolean any;
  private final Networks networks;
  private final Store store;
  private final Recorder recorder;
  private final Runner runner;
  private final LeakedThreads leaked;
  private volatile Control active;
  private volatile boolean closed;

  /**
   * @param device what it works on
   * @param any whether it takes runs that ask for no device
   */
  Worker(
      String device,
      boolean any,
      Networks networks,
      Store store,
      Recorder recorder,
      Runner runner,
      LeakedThreads leaked) {
    this.device = device;
    this.any = any;
    this.networks = networks;
    this.store = store;
    this.recorder = recorder;
    this.runner = runner;
    this.leaked = leaked;
  }

  String device() {
    return device;
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
      control.want(wanted.get(control.run().id()));
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
    Optional<Job> next = store.claims().claim(device, any, only);
    if (next.isEmpty()) {
      return false;
    }
    long id = next.get().run().id();
    Control control = new Control(next.get().run(), store, recorder);
    active = control;
    if (closed) {
      control.drain();
    }
    Set<Thread> before = LeakedThreads.now();
    try {
      Runner.Outcome outcome = runner.run(next.get(), device, control);
      if (control.end()) {
        switch (outcome) {
          case DONE -> settle(id, Run.State.DONE, "");
          case WITHOUT_PART -> settle(id, Run.State.PAUSED, control.lastMessage());
          case STOPPED -> stopped(id, control);
        }
        tidy(next.get().run(), outcome);
      }
    } catch (Throwable e) { // also what natives throw: the run fails, the worker goes on
      if (control.end()) {
        failed(id, control, e);
      } else {
        LOG.info("the thread of run {} has come back after it was abandoned", id, e);
      }
    } finally {
      active = null;
      Thread.interrupted();
      if (!closed) {
        tellLeft(id, before);
      }
    }
    return true;
  }

  private void tellLeft(long id, Set<Thread> before) {
    persist(
        () -> {
          List<String> bundles =
              store.run(id).parts().values().stream().map(part -> part.split(" ")[0]).toList();
          for (String line : leaked.since(before, bundles)) {
            LOG.warn("run {}: {}", id, line);
            store.events().add(id, Event.Type.WARNING, line);
          }
        });
  }

  /**
   * Takes a run from its thread, which hangs; another worker goes on with the queue.
   *
   * @param control of the run
   * @param error why the run fails
   * @return whether it still hung
   */
  boolean abandon(Control control, String error) {
    if (active != control || !control.end()) {
      return false;
    }
    networks.abandon(control.run().network());
    settle(control.run().id(), Run.State.FAILED, error);
    closed = true;
    return true;
  }

  /** Whether it takes nothing more. */
  boolean closed() {
    return closed;
  }

  private void tidy(Run run, Runner.Outcome outcome) {
    if (run.replayOf() > 0 && outcome == Runner.Outcome.DONE) {
      networks.discard(run.network());
    }
  }

  private void stopped(long id, Control control) {
    Run.State wanted = control.wanted();
    if (!control.overdue().isEmpty()) {
      settle(id, Run.State.FAILED, control.overdue());
    } else if (wanted != null) {
      settle(id, wanted, control.why());
    } else if (control.asked()) {
      put(id, "");
    } else {
      settle(id, Run.State.PAUSED, "its thread was interrupted");
    }
  }

  private void failed(long id, Control control, Throwable e) {
    if (!control.overdue().isEmpty()) {
      LOG.info("run {} was interrupted", id, e);
      settle(id, Run.State.FAILED, control.overdue());
      return;
    }
    if (control.asked() && (e instanceof Control.Stopped || e instanceof RigException)) {
      LOG.info("run {} stopped", id, e);
      stopped(id, control);
      return;
    }
    LOG.warn("run {} failed", id, e);
    RunFailure failure = RunFailure.of(e, Machine.freeDisk(networks.home()));
    switch (failure.kind()) {
      case NO_SPACE -> {
        String line = "there is no room on the disk; it goes on once there is";
        put(id, line);
        throw new RigException(failure.kind(), line, e);
      }
      case BUSY -> {
        put(id, "waits: " + failure.line());
        throw new RigException(failure.kind(), failure.line(), e);
      }
      default -> settle(id, Run.State.FAILED, failure.line());
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
