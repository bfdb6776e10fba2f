package org.riglab.runs.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
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
  private static final String IN_USE = "is in use by"; // says the bench of a network
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("can't allocate memory|out of memory|OutOfMemory", Pattern.CASE_INSENSITIVE);
  private static final String[] FULL = {"No space left", "Disk quota exceeded", "disk is full"};

  private final String device;
  private final boolean any;
  private final Networks networks;
  private final Store store;
  private final Recorder recorder;
  private final Runner runner;
  private final LeftThreads left;
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
      LeftThreads left) {
    this.device = device;
    this.any = any;
    this.networks = networks;
    this.store = store;
    this.recorder = recorder;
    this.runner = runner;
    this.left = left;
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
   * @throws RigException if there is no room on the disk to go on; the run waits
   */
  boolean once(Set<Long> only) {
    Optional<Store.Job> next = store.claim(device, any, only);
    if (next.isEmpty()) {
      return false;
    }
    long id = next.get().run().id();
    Control control = new Control(next.get().run(), store, recorder);
    active = control;
    if (closed) {
      control.drain();
    }
    Set<Thread> before = LeftThreads.now();
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
          for (String line : left.since(before, bundles)) {
            LOG.warn("run {}: {}", id, line);
            store.event(id, Event.Type.WARNING, line);
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
    if (full(e)) {
      String line = "there is no room on the disk; it goes on once there is";
      put(id, line);
      throw new RigException(line, e);
    }
    if (line(e).contains(IN_USE)) {
      put(id, "waits: " + line(e));
      throw new RigException(line(e), e);
    }
    settle(id, Run.State.FAILED, line(e));
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
