package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.bench.Networks;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.base.Steady;
import org.riglab.runs.cluster.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the runs whose device is a cluster: submits a job for each as soon as what it waits for
 * is done, takes over what the job writes into the run's folder, and ends it when people ask for
 * that. The id of a run's job is in its folder, where a restarted server finds it.
 */
final class ClusterRuns {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterRuns.class);
  private static final long PERIOD_MILLIS = 2000;
  private static final Cluster.Status GONE = new Cluster.Status(Cluster.Phase.ENDED, "");

  private final Networks networks;
  private final Store store;
  private final Recorder recorder;
  private final Supplier<List<Cluster>> clusters;
  private final Limits limits;
  private final Thread thread;

  // Of the thread.
  private final Map<Long, Ticket> tickets = new LinkedHashMap<>();
  private final Set<String> adopted = new TreeSet<>();

  private boolean closed; // guarded by this

  /** A run's job, and how much of what it says was read. */
  private static final class Ticket {
    private final String cluster;
    private final String job;
    private final JobFiles files;
    private long read;
    private boolean cancelled;

    Ticket(String cluster, String job, JobFiles files) {
      this.cluster = cluster;
      this.job = job;
      this.files = files;
    }
  }

  /**
   * @param networks whose home has the folders
   * @param clusters that there are now
   */
  ClusterRuns(
      Networks networks,
      Store store,
      Recorder recorder,
      Supplier<List<Cluster>> clusters,
      Limits limits) {
    this.networks = networks;
    this.store = store;
    this.recorder = recorder;
    this.clusters = clusters;
    this.limits = limits;
    this.thread = new Thread(this::work, "lab-clusters");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Stops looking; the jobs go on. */
  void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    while (!idle()) {
      for (Cluster cluster : clusters.get()) {
        Steady.run("the look at " + cluster.name(), () -> look(cluster));
      }
    }
  }

  private synchronized boolean idle() {
    try {
      if (!closed) {
        wait(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      LOG.debug("interrupted", e); // only the end of the server ends it
    }
    return closed;
  }

  /** One round. */
  void look(Cluster cluster) {
    String name = cluster.name();
    if (adopted.add(name)) {
      for (Run run :
          store.claims().at(name, State.QUEUED, State.RUNNING, State.PAUSED, State.CANCELLED)) {
        adopt(name, run);
      }
    }
    Map<Long, Run> open = new HashMap<>();
    store.claims().at(name, State.QUEUED, State.RUNNING).forEach(run -> open.put(run.id(), run));
    for (Map.Entry<Long, Ticket> entry : of(name)) {
      if (!open.containsKey(entry.getKey())) { // paused or cancelled while it waited
        cluster.cancel(entry.getValue().job);
        drop(entry.getKey());
      }
    }
    List<Map.Entry<Long, Ticket>> jobs = of(name);
    if (!jobs.isEmpty()) {
      Map<String, Cluster.Status> states =
          cluster.status(jobs.stream().map(entry -> entry.getValue().job).toList());
      Map<Long, State> wanted = store.claims().wanted();
      for (Map.Entry<Long, Ticket> entry : jobs) {
        Ticket ticket = entry.getValue();
        long id = entry.getKey();
        Steady.run(
            "the check of run " + id,
            () -> follow(open.get(id), ticket, states.getOrDefault(ticket.job, GONE)));
        boolean cancel = tickets.containsKey(id) && wanted.containsKey(id);
        if (cancel && !ticket.cancelled) {
          cluster.cancel(ticket.job);
        }
        ticket.cancelled = cancel;
      }
    }
    store.claims().failOrphans();
    submit(cluster);
  }

  private List<Map.Entry<Long, Ticket>> of(String cluster) {
    return tickets.entrySet().stream()
        .filter(entry -> entry.getValue().cluster.equals(cluster))
        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
        .toList();
  }

  private JobFiles files(Run run) {
    return new JobFiles(new RunFolder(networks.home(), run.folder()).path());
  }

  private void adopt(String cluster, Run run) {
    if (!run.folder().isEmpty()) {
      JobFiles files = files(run);
      files
          .ticket(cluster)
          .ifPresent(job -> tickets.put(run.id(), new Ticket(cluster, job, files)));
    }
  }

  private void drop(long id) {
    Ticket ticket = tickets.remove(id);
    ticket.files.ticket(ticket.cluster, "");
  }

  // Submit

  private void submit(Cluster cluster) {
    Set<Long> waiting = new TreeSet<>(store.claims().ready(cluster.name(), tickets.keySet()));
    if (waiting.isEmpty()) {
      return;
    }
    Map<Object, List<Job>> groups = new LinkedHashMap<>(); // runs of a sweep are one array of jobs
    for (long id : waiting) {
      Job job = store.job(id);
      Object key =
          job.run().sweep() == 0
              ? (Object) id
              : List.of(job.run().sweep(), Placement.options(job.options()));
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(job);
    }
    for (List<Job> group : groups.values()) {
      Steady.run("the submission to " + cluster.name(), () -> submit(cluster, group));
    }
  }

  private void submit(Cluster cluster, List<Job> group) {
    List<Cluster.Task> tasks = new ArrayList<>();
    List<Ticket> made = new ArrayList<>();
    for (Job job : group) {
      Run run = job.run();
      RunFolder folder =
          run.folder().isEmpty()
              ? RunFolder.make(networks.home(), Runner.parent(run), run.network())
              : new RunFolder(networks.home(), run.folder());
      if (run.folder().isEmpty()) {
        store.folder(run.id(), folder.name());
      }
      JobFiles files = new JobFiles(folder.path());
      files.order(job);
      made.add(new Ticket(cluster.name(), "", files));
      tasks.add(
          new Cluster.Task("riglab-" + run.id(), folder.path(), Placement.options(job.options())));
    }
    List<String> jobs;
    try {
      jobs = cluster.submit(tasks);
    } catch (RigException e) {
      if (e.kind() != RigException.Kind.INVALID) {
        throw e; // it is tried again
      }
      RunFailure failure = new RunFailure(e.kind(), e.getMessage());
      group.forEach(job -> store.claims().fail(job.run().id(), failure));
      return;
    }
    for (int k = 0; k < jobs.size(); k++) {
      long id = group.get(k).run().id();
      Ticket ticket = new Ticket(cluster.name(), jobs.get(k), made.get(k).files);
      ticket.read = ticket.files.length();
      ticket.files.ticket(ticket.cluster, ticket.job);
      tickets.put(id, ticket);
      store
          .events()
          .add(
              id,
              Event.Type.MESSAGE,
              "submitted to %s as job %s".formatted(ticket.cluster, ticket.job));
    }
  }

  // Follow

  private void follow(Run run, Ticket ticket, Cluster.Status status) {
    switch (status.phase()) {
      case PENDING -> {
        if (run.state() == State.RUNNING) {
          take(run, ticket, ticket.files.stands());
          store
              .claims()
              .putBack(run.id(), "waits in %s: %s".formatted(ticket.cluster, reason(status)));
        }
      }
      case RUNNING -> {
        claim(run, ticket);
        take(run, ticket, ticket.files.stands());
      }
      case TIMED_OUT, CANCELLED, ENDED -> {
        claim(run, ticket);
        Map<String, Object> stands = ticket.files.stands();
        take(run, ticket, stands);
        settle(store.run(run.id()), ticket, status, stands);
      }
    }
  }

  private static String reason(Cluster.Status status) {
    return status.reason().isEmpty() ? "no reason is reported" : status.reason();
  }

  private void claim(Run run, Ticket ticket) {
    if (run.state() == State.QUEUED) {
      store.claims().claim(run.id(), ticket.cluster);
    }
  }

  /** Takes over what the job has written since the last look. */
  private void take(Run run, Ticket ticket, Map<String, Object> stands) {
    long id = run.id();
    JobFiles.Said said = ticket.files.said(id, ticket.read);
    for (String line : said.lines()) {
      store.events().add(id, Event.Type.MESSAGE, line);
    }
    double seconds =
        stands.get("seconds") instanceof Number number
            ? number.doubleValue()
            : run.times().seconds();
    for (Report report : said.reports()) {
      store.points().add(id, report.progress(), seconds, report.points());
      recorder.pass(id, report.progress(), report.points());
    }
    ticket.read = said.read();
    if (run.spec().equals(Map.of()) || !described(run, stands)) {
      describe(id, stands);
    }
  }

  private static boolean described(Run run, Map<String, Object> stands) {
    return !(stands.get("parts") instanceof Map<?, ?> parts)
        || parts.isEmpty()
        || parts.equals(run.parts()) && JobFiles.object(stands, "data").equals(run.data());
  }

  private void describe(long id, Map<String, Object> stands) {
    Map<String, String> parts = new LinkedHashMap<>();
    JobFiles.object(stands, "parts").forEach((part, text) -> parts.put(part, String.valueOf(text)));
    if (parts.isEmpty()) {
      return;
    }
    store.describe(
        id, JobFiles.object(stands, "spec"), JobFiles.object(stands, "network_spec"), parts);
    store.data(id, JobFiles.object(stands, "data"));
  }

  /** The job has ended: the run has ended too, or continues in another job. */
  private void settle(Run run, Ticket ticket, Cluster.Status status, Map<String, Object> stands) {
    long id = run.id();
    String said = String.valueOf(stands.getOrDefault("state", ""));
    String error = String.valueOf(stands.getOrDefault("error", ""));
    State wanted = store.claims().wanted().get(id);
    drop(id);
    if (said.equals(State.DONE.name())) {
      end(run, State.DONE, "");
    } else if (wanted != null) {
      end(run, wanted, "");
    } else if (said.equals(State.FAILED.name())) {
      String kind = String.valueOf(stands.getOrDefault("failure", ""));
      store.claims().fail(id, RunFailure.of(kind, error));
    } else if (said.equals(State.PAUSED.name())) {
      end(run, State.PAUSED, error);
    } else if (status.phase() == Cluster.Phase.CANCELLED) {
      end(run, State.CANCELLED, "job %s was cancelled in %s".formatted(ticket.job, ticket.cluster));
    } else if (said.equals(State.QUEUED.name()) && run.progress().done() > ticket.files.before()) {
      // It was told to stop: its time was nearly over, or another job was preferred.
      store
          .claims()
          .putBack(
              id,
              "job %s ended after step %d; another one continues"
                  .formatted(ticket.job, run.progress().done()));
    } else if (status.phase() == Cluster.Phase.TIMED_OUT) {
      end(
          run,
          State.PAUSED,
          "the time limit of job %s was reached after step %d; 'resume %d' continues it in another job"
              .formatted(ticket.job, run.progress().done(), id));
    } else {
      store
          .claims()
          .recover(
              id,
              limits.crashLimit(),
              "job %s of %s ended: %s".formatted(ticket.job, ticket.cluster, reason(status)));
    }
  }

  private void end(Run run, State state, String error) {
    store.claims().end(run.id(), state, error);
    if (run.replayOf() > 0 && state == State.DONE) {
      networks.discard(run.network());
    }
  }
}
