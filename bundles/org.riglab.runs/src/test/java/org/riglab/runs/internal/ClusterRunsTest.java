package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.runs.cluster.Cluster;

public final class ClusterRunsTest {
  private static final Limits LIMITS = new Limits(List.of("cpu"), 0, 0, false, 0, 0, 0, 0, 0, 2);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fake cluster = new Fake();
  private FakeBench bench;
  private Path home;
  private Store store;
  private Recorder recorder;
  private ClusterRuns runs;

  /** A cluster whose jobs stand as the test says. */
  private static final class Fake implements Cluster {
    private final List<List<Task>> submitted = new ArrayList<>();
    private final List<String> cancelled = new ArrayList<>();
    private final Map<String, Status> states = new HashMap<>();
    private RigException refusal;

    @Override
    public String name() {
      return "slurm";
    }

    @Override
    public void check(Map<String, String> options) {
      if (options.containsKey("colour")) {
        throw new RigException("slurm has no option 'colour'");
      }
    }

    @Override
    public List<String> submit(List<Task> tasks) {
      if (refusal != null) {
        throw refusal;
      }
      submitted.add(tasks);
      List<String> jobs = new ArrayList<>();
      for (int k = 0; k < tasks.size(); k++) {
        String job = submitted.size() + "_" + k;
        jobs.add(job);
        stands(job, Phase.PENDING);
      }
      return jobs;
    }

    void stands(String job, Phase phase) {
      states.put(job, new Status(phase, "priority"));
    }

    @Override
    public Map<String, Status> status(Collection<String> jobs) {
      Map<String, Status> found = new HashMap<>(states);
      found.keySet().retainAll(jobs);
      return found;
    }

    @Override
    public void cancel(String job) {
      cancelled.add(job);
    }
  }

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    bench = new FakeBench(home);
    store =
        new Store(
            new Database(home.resolve("lab/lab.db"), home.resolve("cache")), Clock.systemUTC());
    recorder = new Recorder(store, () -> {});
    runs = runs();
  }

  @After
  public void close() {
    recorder.close();
    store.close();
  }

  private ClusterRuns runs() {
    return new ClusterRuns(bench.networks(), store, recorder, () -> List.of(cluster), LIMITS);
  }

  private static Draft draft(String network, String device, Long... after) {
    return new Draft(
        network,
        Run.Kind.TRAIN,
        network,
        false,
        "",
        Map.of(),
        Map.of("steps", 9L, "cluster", Map.of("time", "5")),
        0,
        0,
        List.of(after),
        device,
        0);
  }

  private long add(String network, Long... after) {
    return store.queue().add(List.of(draft(network, "slurm", after))).get(0);
  }

  private JobFiles files(long id) {
    return new JobFiles(home.resolve(store.run(id).folder()));
  }

  private void look(String job, Cluster.Phase phase) {
    cluster.stands(job, phase);
    runs.look(cluster);
  }

  private void says(long id, String state, long step) {
    JobFiles files = files(id);
    files.say(new Run.Progress(step, 9, 2, 3), List.of(new Point("loss", step, 1.0 / step)));
    Run now = store.run(id);
    try {
      Files.writeString(
          home.resolve(now.folder()).resolve("job-state.json"),
          """
          {"state": "%s", "error": "", "seconds": 4.5, "spec": {"lr": 0.1}, "network_spec": {"gate": "mul"},
           "data": {"images": 3}, "parts": {"gate mul": "gates 1.0 ab"}}
          """
              .formatted(state));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  public void aJobIsFollowedToItsEnd() {
    long id = add("rig");
    runs.look(cluster);
    assertEquals(1, cluster.submitted.size());
    Cluster.Task task = cluster.submitted.get(0).get(0);
    assertEquals(Map.of("time", "5"), task.options());
    assertEquals(home.resolve(store.run(id).folder()), task.folder());
    assertEquals(Map.of("steps", 9L), files(id).begin().get("options"));
    runs.look(cluster);
    assertEquals("submitted once", 1, cluster.submitted.size());
    assertEquals(State.QUEUED, store.run(id).state());

    says(id, "RUNNING", 4);
    files(id).say("a line");
    look("1_0", Cluster.Phase.RUNNING);
    Run run = store.run(id);
    assertEquals(State.RUNNING, run.state());
    assertEquals("slurm", run.device());
    assertEquals(new Run.Progress(4, 9, 2, 3), run.progress());
    assertEquals(0.25, run.metrics().get("loss"), 0);
    assertEquals(Map.of("lr", 0.1), run.spec());
    assertEquals(Map.of("gate mul", "gates 1.0 ab"), run.parts());
    assertEquals(4.5, run.times().seconds(), 0);
    assertTrue(store.events().of(id, 100).stream().anyMatch(e -> e.text().equals("a line")));

    says(id, "DONE", 9);
    look("1_0", Cluster.Phase.ENDED);
    assertEquals(State.DONE, store.run(id).state());
    assertEquals(9, store.run(id).progress().done());
    assertEquals(java.util.Optional.empty(), files(id).ticket("slurm"));
    runs.look(cluster);
    assertEquals(1, cluster.submitted.size());
  }

  @Test
  public void aSweepIsOneArrayAndDependenciesWait() {
    List<Long> sweep =
        store.queue().add(List.of(draft("a", "slurm"), draft("b", "slurm"), draft("c", "slurm")));
    long after = add("d", sweep.get(0));
    long same = add("a");
    store.queue().add(List.of(draft("e", "cpu")));
    runs.look(cluster);
    assertEquals(1, cluster.submitted.size());
    assertEquals(3, cluster.submitted.get(0).size());
    for (long id : sweep) {
      says(id, "DONE", 9);
    }
    look("1_0", Cluster.Phase.ENDED);
    assertEquals("the dependency, and the network's next run", 3, cluster.submitted.size());
    assertEquals(State.QUEUED, store.run(after).state());
    assertTrue(files(after).ticket("slurm").isPresent());
    assertTrue(files(same).ticket("slurm").isPresent());
  }

  @Test
  public void aJobThatWasToldToStopIsContinuedByAnother() {
    long id = add("rig");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    look("1_0", Cluster.Phase.RUNNING);
    says(id, "QUEUED", 5);
    look("1_0", Cluster.Phase.TIMED_OUT);
    assertEquals(2, cluster.submitted.size());
    assertEquals("job 1_0 ended after step 5; another one continues", store.run(id).error());
    assertEquals(5L, files(id).begin().get("done"));

    // without a step it would go on for ever
    says(id, "QUEUED", 5);
    look("2_0", Cluster.Phase.TIMED_OUT);
    assertEquals(State.PAUSED, store.run(id).state());
    assertTrue(
        store.run(id).error(), store.run(id).error().startsWith("the time limit of job 2_0 "));
    assertEquals(2, cluster.submitted.size());
  }

  @Test
  public void aRequeuedJobWaitsAndIsNotSubmittedAgain() {
    long id = add("rig");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    look("1_0", Cluster.Phase.RUNNING);
    says(id, "QUEUED", 3);
    look("1_0", Cluster.Phase.PENDING);
    assertEquals(State.QUEUED, store.run(id).state());
    assertEquals("waits in slurm: priority", store.run(id).error());
    assertEquals(3, store.run(id).progress().done());
    look("1_0", Cluster.Phase.RUNNING);
    assertEquals(State.RUNNING, store.run(id).state());
    assertEquals(1, cluster.submitted.size());
  }

  @Test
  public void aJobThatDiesIsReplacedUntilTheLimit() {
    long id = add("rig");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    look("1_0", Cluster.Phase.ENDED);
    assertEquals(2, cluster.submitted.size());
    cluster.states.remove("2_0"); // long ago, for SLURM
    runs.look(cluster);
    assertEquals(State.FAILED, store.run(id).state());
    assertTrue(store.run(id).error(), store.run(id).error().contains("job 2_0 of slurm ended"));
  }

  @Test
  public void whatPeopleAskForIsPassedOn() {
    long id = add("rig");
    long waits = add("other");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    look("1_0", Cluster.Phase.RUNNING);
    store.queue().pause(id);
    store.queue().cancel(waits);
    runs.look(cluster);
    runs.look(cluster);
    assertEquals("each once", List.of("2_0", "1_0"), cluster.cancelled);
    says(id, "QUEUED", 3);
    look("1_0", Cluster.Phase.CANCELLED);
    assertEquals(State.PAUSED, store.run(id).state());
    store.queue().resume(id);
    runs.look(cluster);
    assertEquals(3, cluster.submitted.size());
    look("3_0", Cluster.Phase.CANCELLED);
    assertEquals("by somebody else", State.CANCELLED, store.run(id).state());
  }

  @Test
  public void aServerThatStartsAgainFindsItsJobs() {
    long id = add("rig");
    long cancelled = add("other");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    look("1_0", Cluster.Phase.RUNNING);
    store.queue().cancel(cancelled);
    store.claims().recover(3);
    assertEquals("goes on in its job", State.RUNNING, store.run(id).state());
    runs = runs();
    says(id, "DONE", 9);
    look("1_0", Cluster.Phase.ENDED);
    assertEquals(State.DONE, store.run(id).state());
    assertEquals(List.of("2_0"), cluster.cancelled);
    assertEquals(2, cluster.submitted.size());
  }

  @Test
  public void aFailureOfAJobKeepsItsKind() {
    long id = add("rig");
    runs.look(cluster);
    says(id, "FAILED\", \"failure\": \"out-of-memory", 2);
    look("1_0", Cluster.Phase.ENDED);
    assertEquals(State.FAILED, store.run(id).state());
    assertEquals(Optional.of(RigException.Kind.OUT_OF_MEMORY), store.run(id).failure());
  }

  @Test
  public void whatTheClusterRefusesFails() {
    long id = add("rig");
    cluster.refusal = new RigException(RigException.Kind.UNAVAILABLE, "not now");
    runs.look(cluster);
    assertEquals(State.QUEUED, store.run(id).state());
    cluster.refusal = new RigException(RigException.Kind.INVALID, "no such partition");
    runs.look(cluster);
    assertEquals(State.FAILED, store.run(id).state());
    assertEquals(Optional.of(RigException.Kind.INVALID), store.run(id).failure());
    assertEquals("no such partition", store.run(id).error());
  }

  @Test
  public void aLineThatWasCutOffIsRemoved() throws Exception {
    long id = add("rig");
    runs.look(cluster);
    says(id, "RUNNING", 2);
    Path points = home.resolve(store.run(id).folder()).resolve("job-points.jsonl");
    Files.writeString(points, "{\"run\": 0, \"do", StandardOpenOption.APPEND);
    look("1_0", Cluster.Phase.RUNNING);
    assertEquals(2, store.run(id).progress().done());
    files(id).begin();
    says(id, "RUNNING", 3);
    runs.look(cluster);
    assertEquals(3, store.run(id).progress().done());
  }

  @Test
  public void placementSaysWhatItDoesNotKnow() {
    Clusters clusters = new Clusters(List.of(cluster));
    assertEquals("slurm", Placement.of(Map.of("on", "slurm"), clusters, "").cluster());
    assertEquals("slurm", Placement.of(Map.of(), clusters, "slurm").cluster());
    assertEquals("", Placement.of(Map.of("on", "local"), clusters, "slurm").cluster());
    assertEquals("", Placement.of(Map.of("device", "cpu"), clusters, "slurm").cluster());
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of("on", "slrum"),
            Map.of("on", "slurm", "device", "gpu0"),
            Map.of("cluster", Map.of("time", "5")),
            Map.of("on", "slurm", "cluster", Map.of("colour", "red")))) {
      assertThrows(RigException.class, () -> Placement.of(wrong, clusters, ""));
    }
  }

  @Test
  public void aTrainingOnSeveralMachinesAsksForAsMany() {
    Clusters clusters = new Clusters(List.of(cluster));
    Map<String, Object> two = Map.of("on", "slurm", "engine", "torchrun", "nodes", "2");
    Placement placement = Placement.of(two, clusters, "");
    assertEquals(Map.of("nodes", "2"), placement.options());
    assertEquals("2", placement.others().get("nodes"));
    assertEquals(Map.of(), Placement.of(Map.of("on", "slurm", "nodes", 1), clusters, "").options());
    assertEquals("", Placement.of(Map.of("nodes", 2), clusters, "").cluster());
  }
}
