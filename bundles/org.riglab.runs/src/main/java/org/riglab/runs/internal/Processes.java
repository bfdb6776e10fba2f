package org.riglab.runs.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.PluginHost;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Run;
import org.riglab.base.Steady;

/** What this process does beside answering: the work of a server, of its worker, or of a job. */
final class Processes {
  private final Networks networks;
  private final LabStore lab;
  private final Workers workers;
  private final Culprits culprits;
  private final Pictures pictures;
  private final Clusters clusters;
  private final Limits limits;
  private final int graceSeconds;

  // Guarded by this.
  private ClusterRuns clusterRuns;
  private Thread indexing;

  private volatile boolean ending;

  Processes(
      Networks networks,
      LabStore lab,
      Workers workers,
      Culprits culprits,
      Pictures pictures,
      Clusters clusters,
      Limits limits,
      int graceSeconds) {
    this.networks = networks;
    this.lab = lab;
    this.workers = workers;
    this.culprits = culprits;
    this.pictures = pictures;
    this.clusters = clusters;
    this.limits = limits;
    this.graceSeconds = graceSeconds;
  }

  /**
   * Works on the queue.
   *
   * @param prepare is called before the first run is claimed
   */
  void serve(Runnable prepare) {
    if (!workers.serve(prepare)) {
      return;
    }
    ClusterRuns runs =
        new ClusterRuns(networks, lab.store(), lab.recorder(), clusters::now, limits);
    Thread thread = new Thread(() -> Steady.run("the index of the runs", this::index), "lab-index");
    thread.setDaemon(true);
    synchronized (this) {
      clusterRuns = runs;
      indexing = thread;
    }
    runs.start();
    thread.start();
  }

  /** What other processes have added since the last question: many runs take seconds. */
  private void index() {
    while (!ending && lab.store().index()) {
      continue;
    }
  }

  /** As {@link Workplace#work}. */
  WorkLoop work(Place place, InputStream in, OutputStream out, PluginHost plugins, Runnable end) {
    WorkLoop[] loop = new WorkLoop[1];
    // The loop is there before the first point.
    lab.forward(new Forward((run, progress, points) -> loop[0].points(run, progress, points)));
    loop[0] =
        new WorkLoop(
            workers.make(place),
            lab.store(),
            culprits,
            plugins,
            new WorkerAnswers(networks, pictures, lab.store()),
            IdleMemory::release,
            end,
            graceSeconds,
            in,
            out);
    return loop[0];
  }

  /** As {@link Workplace#job}. */
  ClusterJob job(String name, String device) {
    RunFolder folder = ClusterJob.folder(networks.home(), name);
    JobFiles files = new JobFiles(folder.path());
    lab.forward(new Forward((run, progress, points) -> files.say(progress, points)));
    Worker worker = workers.make(new Place("job", device, true));
    return new ClusterJob(folder, lab.store(), lab.recorder(), worker, device);
  }

  /** Lets every run end its step and write a checkpoint; jobs of clusters go on. */
  void drain() {
    ClusterRuns runs;
    Thread index;
    synchronized (this) {
      runs = clusterRuns;
      clusterRuns = null;
      index = indexing;
      indexing = null;
    }
    ending = true;
    if (runs != null) {
      runs.close();
    }
    join(index);
    workers.drain();
  }

  private static void join(Thread thread) {
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where points go. */
  private interface Points {
    void take(long run, Run.Progress progress, List<LabListener.Point> points);
  }

  private record Forward(Points to) implements LabListener {
    @Override
    public void points(long run, Run.Progress progress, List<Point> points) {
      to.take(run, progress, points);
    }
  }
}
