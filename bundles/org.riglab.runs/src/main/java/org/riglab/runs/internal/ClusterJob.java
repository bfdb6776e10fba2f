package org.riglab.runs.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.riglab.api.RigException;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.base.Steady;

/**
 * A run in the job of a cluster. Its store is the job's own, so that nothing is written to that of
 * the home, which may be on a file system where SQLite does not work; the server reads what {@link
 * JobFiles} has.
 */
final class ClusterJob {
  private static final long PERIOD_SECONDS = 2;

  private final RunFolder folder;
  private final JobFiles files;
  private final Store store;
  private final Recorder recorder;
  private final Worker worker;
  private final String device;
  private final CountDownLatch over = new CountDownLatch(1);
  private long told; // number of the last event in the files

  /**
   * @param folder of the run
   * @param store of this process only
   * @param worker of this process
   * @param device that it computes on
   */
  ClusterJob(RunFolder folder, Store store, Recorder recorder, Worker worker, String device) {
    this.folder = folder;
    this.files = new JobFiles(folder.path());
    this.store = store;
    this.recorder = recorder;
    this.worker = worker;
    this.device = device;
  }

  /** Where a recorder's points go. */
  JobFiles files() {
    return files;
  }

  /**
   * Executes or continues the run until its end or until {@link #drain}.
   *
   * @return its state: QUEUED if it is to go on
   */
  Run.State run() {
    Map<String, Object> order = files.begin();
    long id = store.queue().add(List.of(draft(order))).get(0);
    store.folder(id, folder.name());
    store
        .points()
        .add(
            id,
            new Run.Progress(Vitals.number(order, "done").longValue(), 0, 0, 0),
            Vitals.number(order, "seconds").doubleValue(),
            List.of());
    Optional<Job> job = store.claims().claim(device, true, Set.of(id), Set.of());
    if (job.isEmpty()) {
      throw new RigException("the store of the job has no run " + id);
    }
    told = store.events().last();
    Thread reporter = new Thread(() -> report(id), "job-state");
    reporter.setDaemon(true);
    reporter.start();
    try {
      worker.perform(job.get(), control -> {});
    } catch (RigException e) { // it was put back: the reason is in the store
      files.say(e.getMessage());
    } finally {
      over.countDown();
      join(reporter);
    }
    recorder.flush();
    tell(id);
    return store.run(id).state();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void drain() {
    worker.drain();
  }

  private void report(long id) {
    try {
      do {
        Steady.run("the state of the job", () -> tell(id));
      } while (!over.await(PERIOD_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void tell(long id) {
    for (Event event : store.events().since(told, 1000)) {
      if (event.type() == Event.Type.MESSAGE || event.type() == Event.Type.WARNING) {
        files.say(event.text());
      }
      told = event.sequence();
    }
    files.state(store.run(id));
  }

  private Draft draft(Map<String, Object> order) {
    return new Draft(
        text(order, "name"),
        Run.Kind.valueOf(text(order, "kind")),
        text(order, "network"),
        Boolean.TRUE.equals(order.get("own")),
        text(order, "weights"),
        JobFiles.object(order, "network_spec"),
        JobFiles.object(order, "options"),
        Vitals.number(order, "seed").longValue(),
        0,
        List.of(),
        device,
        0);
  }

  private static String text(Map<String, Object> order, String key) {
    return String.valueOf(order.getOrDefault(key, ""));
  }

  /** The folder of a run, absolute or below a home. */
  static RunFolder folder(Path home, String name) {
    RunFolder folder = new RunFolder(home, name);
    if (!folder.path().resolve("job.json").toFile().isFile()) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "%s is not the folder of a submitted run: it has no job.json".formatted(folder.path()));
    }
    return folder;
  }
}
