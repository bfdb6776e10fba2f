package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Trainer;
import org.riglab.api.data.ClassTable;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.riglab.api.metric.Scores;
import org.riglab.base.Interrupts;
import org.riglab.base.Json;
import org.riglab.base.ProcessMark;
import org.sqlite.SQLiteDataSource;

/** The lab with a trainer that does what the test says. */
public class LabServiceTest {
  private static final long SECONDS = 60;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeCulprits culprits = new FakeCulprits();
  private FakeBench bench;
  private LabService lab;
  private ThreadHost host;
  private List<PartInfo> parts = List.of(part("gates", "0.1.0", "ab"));
  private List<Plugins.Kept> kept = List.of();

  private static PartInfo part(String bundle, String version, String sha256) {
    return new PartInfo("gate", "mul", "", List.of(), bundle, version, sha256, 7);
  }

  private static Plugins.Kept kept(String version, String sha256, boolean installed) {
    return new Plugins.Kept("gates", version, sha256, 1, Instant.EPOCH, installed);
  }

  @Before
  public void open() {
    bench = new FakeBench(folder.getRoot().toPath());
    bench.networks.add("rig");
    lab = lab();
  }

  private LabService lab() {
    return lab(1, 0);
  }

  private LabService lab(long minFreeDisk, double stepMinutes) {
    host = new ThreadHost(() -> lab(minFreeDisk, stepMinutes, null));
    return lab(minFreeDisk, stepMinutes, host);
  }

  private LabService lab(long minFreeDisk, double stepMinutes, WorkerHost workers) {
    return lab(minFreeDisk, stepMinutes, workers, bench.trainer());
  }

  private LabService lab(
      long minFreeDisk, double stepMinutes, WorkerHost workers, Trainer trainer) {
    return bench.lab(
        trainer,
        new Provenance(() -> parts, () -> kept),
        culprits,
        new Limits(List.of("cpu"), minFreeDisk, 0, false, 0, 0, 0, 0, stepMinutes, 3),
        workers);
  }

  @After
  public void close() {
    bench.free.release(1000);
    lab.close();
  }

  private Run submit(String network, Object... options) {
    Map<String, Object> map = new java.util.LinkedHashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      map.put((String) options[i], options[i + 1]);
    }
    return lab.submit(Request.of(Run.Kind.TRAIN, network, map)).get(0);
  }

  /** Waits, told by events, until a run is in a state. */
  private Run until(long id, State state) throws InterruptedException {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    try (Lab.Registration listening =
        lab.listen(
            new LabListener() {
              @Override
              public void event(Event event) {
                events.add(event);
              }
            })) {
      assertTrue(listening != null);
      while (lab.run(id).state() != state) {
        Event event = events.poll(SECONDS, TimeUnit.SECONDS);
        assertTrue("run " + id + " is " + lab.run(id), event != null);
      }
    }
    return lab.run(id);
  }

  /** A distribution may leave the feature {@code training} out. */
  @Test
  public void withoutATrainerItRefusesTrainings() throws Exception {
    long trained = submit("rig", "steps", 4).id();
    lab.close();
    lab = lab(1, 0, new ThreadHost(() -> lab(1, 0, null, null)), null);
    RigException refused = assertThrows(RigException.class, () -> submit("rig", "steps", 4));
    assertEquals(RigException.Kind.UNAVAILABLE, refused.kind());
    assertEquals(
        "trainings require the feature training, which is not installed", refused.getMessage());
    lab.serve();
    // One from before, when there was a trainer.
    assertEquals(refused.getMessage(), until(trained, State.FAILED).error());
  }

  @Test
  public void worksOnTheQueue() throws Exception {
    Run run = submit("rig", "steps", 4, "seed", 5);
    assertEquals(State.QUEUED, run.state());
    assertEquals(5, run.seed());
    lab.serve();
    Run done = until(run.id(), State.DONE);
    assertEquals("runs/rig-1", done.folder());
    assertEquals("cpu", done.device());
    assertEquals(4, done.progress().done());
    assertEquals(Map.of("split", "train"), done.data());
    assertEquals("gates 0.1.0 ab", done.parts().get("gate mul"));
    assertEquals(4, lab.curve(run.id(), "loss", 100).total());
    assertEquals(0.25, done.metrics().get("loss"), 0);
    assertEquals(List.of("rig"), bench.released);
    assertTrue(
        lab.files(run.id()).toString(),
        lab.files(run.id()).stream().anyMatch(f -> f.name().equals("spec.json")));
  }

  /** The first question by a field does not wait for the runs that other processes have added. */
  @Test
  public void aServerIndexesTheRunsThatItFinds() throws Exception {
    lab.close();
    lab = lab(Long.MAX_VALUE, 0); // no run is claimed
    for (int i = 0; i < 3; i++) {
      submit("rig", "steps", 4, "seed", i);
    }
    lab.serve();
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + folder.getRoot().toPath().resolve("lab/lab.db"));
    try (Connection connection = source.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(*) from field join field_name on field_name.id = field.name"
                    + " where field_name.name = 'spec.seed'")) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      long indexed;
      do {
        Thread.sleep(20);
        try (ResultSet rows = statement.executeQuery()) {
          indexed = rows.getLong(1);
        }
      } while (indexed < 3 && System.nanoTime() < end);
      assertEquals(3, indexed);
    }
  }

  @Test
  public void aRunThatFailsLeavesTheOthersAlone() throws Exception {
    bench.fault =
        step -> {
          throw new IllegalStateException(
              "The following operation failed.\nTraceback\nRuntimeError: DefaultCPUAllocator: can't"
                  + " allocate memory: you tried to allocate 9 bytes\n");
        };
    Run bad = submit("rig", "steps", 4);
    lab.serve();
    assertEquals(
        "out of memory: RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to"
            + " allocate 9 bytes; use a smaller batch or crop",
        until(bad.id(), State.FAILED).error());
    assertEquals(Optional.of(Kind.OUT_OF_MEMORY), lab.run(bad.id()).failure());
    bench.fault =
        step -> {
          throw new OutOfMemoryError("Java heap space");
        };
    Run worse = submit("rig", "steps", 4);
    until(worse.id(), State.FAILED);
    bench.fault = step -> {};
    Run good = submit("rig", "steps", 4);
    until(good.id(), State.DONE);
    assertEquals(State.QUEUED, lab.retry(bad.id()).state());
    assertEquals("", until(bad.id(), State.DONE).error());
    assertEquals("it went on in its folder", "runs/rig-1", lab.run(bad.id()).folder());
  }

  @Test
  public void pausesResumesAndCancels() throws Exception {
    bench.held = true;
    Run run = submit("rig", "steps", 500);
    Run next = submit("rig", "steps", 2);
    lab.serve();
    until(run.id(), State.RUNNING);
    bench.free.release(3);
    while (bench.steps.get() == 0) {
      Thread.sleep(10);
    }
    assertEquals(State.RUNNING, lab.pause(run.id()).state());
    // It is asked over the link, while it goes on.
    while (lab.run(run.id()).state() != State.PAUSED) {
      bench.free.release(1);
      Thread.sleep(10);
    }
    bench.held = false;
    bench.free.release(1000);
    until(next.id(), State.DONE);
    long done = lab.run(run.id()).progress().done();
    assertTrue("" + done, done >= 1 && done < 500);
    lab.resume(run.id());
    assertEquals(500, until(run.id(), State.DONE).progress().done());
    assertEquals("each step once", 500 + 2, bench.steps.get());

    Run waiting = lab.submit(after(submit("rig", "steps", 1).id())).get(0);
    assertEquals(State.DONE, until(waiting.id(), State.DONE).state());
    assertEquals(
        "run 1 is done; only a run that is queued or running or paused can be cancelled",
        assertThrows(RigException.class, () -> lab.cancel(run.id())).getMessage());
    assertThrows(RigException.class, () -> lab.resume(run.id()));
    assertThrows(RigException.class, () -> lab.retry(run.id()));
    assertThrows(RigException.class, () -> lab.pause(99));
  }

  private static Request after(long id) {
    return new Request(
        Run.Kind.TRAIN,
        "",
        "rig",
        Map.of(),
        Map.of("steps", 1),
        Map.of(),
        List.of(),
        0,
        List.of(id));
  }

  @Test
  public void drainsAndContinuesByItself() throws Exception {
    bench.held = true;
    Run run = submit("rig", "steps", 2000);
    Run queued = submit("rig", "steps", 2);
    lab.serve();
    until(run.id(), State.RUNNING);
    Thread stop = new Thread(lab::close);
    stop.start();
    // One step at a time until it has noticed that it shall stop.
    while (stop.isAlive()) {
      bench.free.release(1);
      stop.join(10);
    }
    bench.held = false;
    lab = lab();
    assertEquals(State.QUEUED, lab.run(run.id()).state());
    assertTrue(lab.run(run.id()).progress().done() < 2000);
    assertEquals(
        "what ran goes first",
        List.of(run.id(), queued.id()),
        lab.list(Lab.Query.of(State.QUEUED)).runs().stream().map(Run::id).toList());
    lab.serve();
    until(queued.id(), State.DONE);
    assertEquals(2000, lab.run(run.id()).progress().done());
    assertEquals("each step once", 2002, bench.steps.get());
  }

  @Test
  public void oneServerPerHome() {
    lab.serve();
    LabService other = lab();
    RigException e = assertThrows(RigException.class, other::serve);
    assertTrue(
        e.getMessage(), e.getMessage().startsWith("process " + ProcessHandle.current().pid()));
    assertEquals("it may still look", 0, other.list(Lab.Query.ALL).total());
    other.close();
    assertTrue(lab.health().server());
    lab.close();
    lab = lab();
    assertEquals(java.util.Optional.empty(), lab.health().owner());
    lab.serve();
  }

  @Test
  public void aFullDiskMakesRunsWait() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    bench.fault =
        step -> {
          if (failed.getCount() > 0) {
            failed.countDown();
            throw new RigException(RigException.Kind.NO_SPACE, "in whatever words");
          }
        };
    Run run = submit("rig", "steps", 3);
    lab.serve();
    assertTrue(failed.await(SECONDS, TimeUnit.SECONDS));
    assertEquals(3, until(run.id(), State.DONE).progress().done());
    assertTrue(
        lab.eventsOf(run.id(), 100).toString(),
        lab.eventsOf(run.id(), 100).stream()
            .anyMatch(
                e ->
                    e.text()
                        .equals("queued: the disk is full; the run continues when there is room")));
  }

  @Test
  public void aNetworkInUseMakesItsRunWait() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    bench.fault =
        step -> {
          if (tries.incrementAndGet() == 1) {
            throw new RigException(RigException.Kind.BUSY, "in whatever words");
          }
        };
    Run run = submit("rig", "steps", 3);
    lab.serve();
    assertEquals(3, until(run.id(), State.DONE).progress().done());
    assertTrue(
        lab.eventsOf(run.id(), 100).stream()
            .anyMatch(e -> e.text().equals("queued: waits: in whatever words")));
  }

  /** A thread whose class belongs to a bundle of the product, as JNA's. */
  private static final class OfTheProduct extends Thread {
    private final CountDownLatch over;

    OfTheProduct(CountDownLatch over) {
      super("product");
      this.over = over;
      setDaemon(true);
    }

    @Override
    public void run() {
      await(over);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  public void namesThreadsThatAPluginMayHaveLeft() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    bench.fault =
        step -> {
          if (bench.steps.get() == 0) {
            new OfTheProduct(over).start();
            Thread mine = new Thread(() -> await(over), "mine");
            mine.setDaemon(true);
            mine.start();
          }
        };
    try {
      Run first = submit("rig", "steps", 1);
      Run second = submit("rig", "steps", 1);
      lab.serve();
      until(second.id(), State.DONE); // the first has been looked at before
      assertEquals(
          List.of("thread 'mine' was left behind; gate hung (b 1.0.0) is in mine"),
          lab.eventsOf(first.id(), 100).stream()
              .filter(e -> e.type() == Event.Type.WARNING)
              .map(Event::text)
              .filter(text -> text.contains("left behind"))
              .toList());
    } finally {
      over.countDown();
    }
  }

  /** What becomes of a run follows the kind of its failure, not its words. */
  @Test
  public void wordsDoNotMakeARunWait() throws Exception {
    bench.fault =
        step -> {
          throw new RigException("rig is in use by nobody: No space left on device, disk is full");
        };
    Run run = submit("rig", "steps", 3);
    lab.serve();
    assertEquals(
        "rig is in use by nobody: No space left on device, disk is full",
        until(run.id(), State.FAILED).error());
  }

  @Test
  public void anOrderForWhichThereIsNoRoomIsRefusedInALine() {
    Run first = submit("rig", "steps", 3);
    pages(1); // as many as there are
    List<String> large = java.util.Collections.nCopies(300, "x".repeat(4000));
    assertTrue(
        assertThrows(RigException.class, () -> submit("rig", "lr", large))
            .getMessage()
            .startsWith("there is no room on the disk: cannot write "));
    assertEquals(1, lab.list(Lab.Query.ALL).total());
    pages(1_000_000);
    assertEquals(first.id() + 1, submit("rig", "lr", large).id());
  }

  private void pages(int most) {
    lab.store()
        .database()
        .write(
            c -> {
              try (Statement statement = c.createStatement()) {
                return statement.execute("pragma max_page_count = " + most);
              }
            });
  }

  @Test
  public void startsNothingBelowTheLeastFreeDisk() throws Exception {
    lab.close();
    lab = lab(Long.MAX_VALUE, 0);
    Run run = submit("rig", "steps", 3);
    Health health = lab.health();
    assertEquals(Health.Status.CRITICAL, health.status());
    RigException e = assertThrows(RigException.class, () -> lab.await(run.id(), r -> {}));
    assertTrue(e.getMessage(), e.getMessage().startsWith("run 1 waits: disk: "));
    lab.close();
    lab = lab();
    List<State> seen = new ArrayList<>();
    assertEquals(State.DONE, lab.await(run.id(), r -> seen.add(r.state())).state());
    assertEquals(State.DONE, seen.get(seen.size() - 1));
  }

  @Test
  public void checksOfOtherBundlesArePartOfTheHealth() throws Exception {
    assertEquals(Health.Status.OK, lab.health().status());
    Health.Check check = new Health.Check("inbox", Health.Status.WARN, "my.jar was refused");
    lab.sources = List.of(List::of, () -> List.of(check));
    assertTrue(lab.health().checks().contains(check));
    assertEquals(Health.Status.WARN, lab.health().status());

    lab.warn("inbox: my.jar was refused");
    Event event = lab.events(0, 10).get(0);
    assertEquals(Event.Type.WARNING, event.type());
    assertEquals("inbox: my.jar was refused", event.text());
    assertEquals(0, event.run());
  }

  @Test
  public void sweepsOverGridAndSeeds() {
    List<Run> runs =
        lab.submit(
            new Request(
                Run.Kind.TRAIN,
                "",
                "new",
                Map.of("gate", "mul", "seed", 0L),
                Map.of("steps", 2L),
                Map.of("lr", List.of(0.1, 0.2), "network.gate", List.of("mul", "add", "cat")),
                List.of(1L, 2L),
                0,
                List.of()));
    assertEquals(12, runs.size());
    assertEquals(
        12, runs.stream().map(Run::network).distinct().filter(n -> n.matches("new-\\d+")).count());
    assertEquals(
        12, runs.stream().map(r -> r.spec().get("lr") + " " + r.networkSpec()).distinct().count());
    for (Run run : runs) {
      assertEquals(runs.get(0).id(), run.sweep());
      assertEquals(run.seed(), run.networkSpec().get("seed"));
      assertEquals(run.seed(), run.spec().get("seed"));
    }
    assertEquals(
        12,
        lab.list(new Lab.Query(java.util.Set.of(), java.util.Set.of(), "", runs.get(0).id(), 0, 99))
            .total());
    assertEquals(
        "run 1 already creates a network 'new-1'; choose another name",
        assertThrows(
                RigException.class,
                () ->
                    lab.submit(
                        new Request(
                            Run.Kind.TRAIN,
                            "",
                            "new",
                            Map.of("gate", "mul"),
                            Map.of(),
                            Map.of("lr", List.of(1)),
                            List.of(),
                            0,
                            List.of())))
            .getMessage());
  }

  @Test
  public void aSweepOverStrategiesLeavesFeedbackThatOneTakesNot() {
    Map<String, Object> spec = Map.of("gate", "mul", "unroll", "parallel", "feedback", List.of(6L));
    List<Object> unrolls = List.of("parallel", "feed-forward");
    List<Run> runs =
        lab.submit(
            new Request(
                Run.Kind.TRAIN,
                "",
                "new",
                spec,
                Map.of(),
                Map.of("network.unroll", unrolls),
                List.of(),
                0,
                List.of()));
    assertEquals(
        List.of(List.of(6L), List.of()),
        runs.stream().map(run -> run.networkSpec().get("feedback")).toList());
    assertEquals(
        "what is asked for is not left out",
        "feed-forward takes no feedback",
        assertThrows(
                RigException.class,
                () ->
                    lab.submit(
                        new Request(
                            Run.Kind.TRAIN,
                            "",
                            "other",
                            spec,
                            Map.of(),
                            Map.of(
                                "network.unroll",
                                unrolls,
                                "network.feedback",
                                List.of(List.of(6L))),
                            List.of(),
                            0,
                            List.of())))
            .getMessage());
    assertEquals(2, lab.list(Lab.Query.ALL).total());
  }

  private List<Run> sweep(String axis, Object... values) {
    return lab.submit(
        new Request(
            Run.Kind.TRAIN,
            "",
            "new",
            Map.of("gate", "mul"),
            Map.of(),
            Map.of(axis, List.of(values)),
            List.of(),
            0,
            List.of()));
  }

  @Test
  public void refusesWhatCannotBe() {
    assertEquals(
        "training: there is no option 'lrr'",
        assertThrows(RigException.class, () -> submit("rig", "lrr", 1)).getMessage());
    assertEquals(
        "there is no dataset 'camvit'",
        assertThrows(RigException.class, () -> submit("rig", "dataset", "camvit")).getMessage());
    assertEquals(
        "there is no gate 'mull'",
        assertThrows(RigException.class, () -> sweep("network.gate", "mul", "mull")).getMessage());
    assertEquals(
        "there is no dataset 'nowhere'",
        assertThrows(RigException.class, () -> sweep("dataset", "shapes", "nowhere")).getMessage());
    assertEquals(
        "there is no network 'rag'; give a spec, or assemble it first",
        assertThrows(RigException.class, () -> submit("rag", "lr", 1)).getMessage());
    assertThrows(RigException.class, () -> submit("rig", "device", "tpu"));
    assertThrows(RigException.class, () -> submit("rig", "seed", "x"));
    assertEquals(0, lab.list(Lab.Query.ALL).total());
  }

  @Test
  public void saysWhichPluginIsGone() throws Exception {
    Run run = submit("rig", "steps", 3);
    lab.await(run.id(), r -> {});
    assertEquals(List.of(), lab.run(run.id()).warnings());

    parts = List.of();
    assertEquals(
        List.of(
            "plugin gates 0.1.0 (sha256 ab) is not installed; 'plugin install FILE' with that jar"
                + " installs it again"),
        lab.run(run.id()).warnings());
    kept = List.of(kept("0.1.0", "ab", false));
    String gone =
        "plugin gates 0.1.0 (sha256 ab) is not installed; 'plugin install sha256:ab' installs it"
            + " again";
    assertEquals(List.of(gone), lab.run(run.id()).warnings());
    assertEquals(List.of(gone), lab.list(Lab.Query.ALL).runs().get(0).warnings());
    assertEquals(
        "run 1 cannot be repeated: " + gone,
        assertThrows(RigException.class, () -> lab.replay(1)).getMessage());

    parts = List.of(part("gates", "0.2.0", "cd"));
    kept = List.of(kept("0.2.0", "cd", true), kept("0.1.0", "ab", false));
    assertEquals(List.of(), lab.run(run.id()).warnings());
    assertEquals(
        "run 1 cannot be repeated: it was made with plugin gates 0.1.0 (sha256 ab), but 0.2.0 is"
            + " installed (sha256 cd); 'plugin update sha256:ab' installs it again",
        assertThrows(RigException.class, () -> lab.replay(1)).getMessage());

    parts = List.of();
    kept = List.of(kept("0.1.0", "ab", true));
    assertEquals(
        "run 1 cannot be repeated: plugin gates 0.1.0 (sha256 ab) is not active; 'plugin doctor"
            + " gates' shows why",
        assertThrows(RigException.class, () -> lab.replay(1)).getMessage());

    parts = List.of(part("other", "1.0.0", "ef"));
    kept = List.of();
    assertEquals(
        "plugin gates 0.1.0 (sha256 ab) is not installed; 'plugin install FILE' with that jar"
            + " installs it again",
        lab.run(run.id()).warnings().get(0));

    // Another version of what the bench itself brings is for the comparison to say.
    parts = List.of(part("gates", "0.2.0", "cd"));
    Run replay = lab.replay(1);

    // What goes while the replay waits stops it all the same.
    parts = List.of();
    Run failed = lab.await(replay.id(), r -> {});
    assertEquals(State.FAILED, failed.state());
    assertTrue(failed.error(), failed.error().startsWith("run 1 cannot be repeated: plugin gates"));
  }

  @Test
  public void whatARunWasMadeWithOnItsWayIsKeptToo() throws Exception {
    assertEquals(Set.of(), lab.digests());
    Run run = submit("rig", "steps", 3);
    submit("rig", "steps", 1); // has no files yet
    lab.await(run.id(), r -> {});
    assertEquals(Set.of("ab"), lab.digests());
    Path parts = folder.getRoot().toPath().resolve("runs/rig-1/parts.json");
    Files.writeString(
        parts,
        """
        {"after step 0": {"gate mul": {"bundle": "gates", "version": "0.0.9", "sha256": "77"},
                          "metric miou": {"bundle": "metrics", "version": "2", "sha256": "88"}},
         "after step 2": {"gate mul": {"bundle": "gates", "version": "0.1.0", "sha256": "ab"}}}
        """);
    assertEquals(Set.of("77", "88", "ab"), lab.digests());
    // What a training in another process says counts as well.
    Path other = folder.getRoot().toPath().resolve("runs/other-3");
    Files.createDirectories(other);
    bench.spec(other, "other", 8);
    Files.writeString(
        other.resolve("parts.json"),
        "{\"after step 0\": {\"gate mul\": {\"bundle\": \"gates\", \"version\": \"3\", \"sha256\":"
            + " \"99\"}}}");
    assertEquals(Set.of("77", "88", "99", "ab"), lab.digests());
    // Nobody should take a jar away because a file cannot be read.
    Files.writeString(parts, "{\"after st");
    assertTrue(
        assertThrows(RigException.class, lab::digests)
            .getMessage()
            .startsWith(parts + " is not a JSON object"));
    // The files are gone: the store still knows the last ones.
    Files.delete(parts);
    assertEquals(Set.of("99", "ab"), lab.digests());
  }

  @Test
  public void anEvaluationIsToldInPercentAndStepsHaveTimes() throws Exception {
    bench.evaluation =
        new Evaluation(
            null,
            null,
            List.of(),
            "",
            new ClassTable(List.of(new ClassTable.Entry("disc", 0xff0000))),
            3,
            List.of(
                new Scores(Map.of("mIoU", 0.51), Map.of("IoU", List.of(0.25)), List.of()),
                new Scores(Map.of("mIoU", 0.62341), Map.of("IoU", List.of(0.75)), List.of())),
            1,
            null,
            List.of());
    Run run = submit("rig", "steps", 4, "monitor", "-IoU:disc:1");
    lab.await(run.id(), r -> {});
    assertEquals(
        "of earlier iterations, the monitored class",
        List.of("IoU.disc", "IoU.disc.t1", "mIoU.t1", "mIoU.t2"),
        lab.metrics(run.id()).stream().filter(name -> name.contains("IoU")).toList());
    assertEquals(0.25, lab.curve(run.id(), "IoU.disc.t1", 9).points().get(0).mean(), 0);
    assertEquals(
        List.of("step 4: mIoU 51.00, 62.34 %"),
        lab.eventsOf(run.id(), 100).stream()
            .filter(event -> event.type() == Event.Type.EVALUATED)
            .map(Event::text)
            .toList());
    List<Curve.Bucket> clock = lab.curve(run.id(), "seconds", 100).points();
    assertEquals("the first step and the last", List.of(1L, 4L), steps(clock));
    assertTrue(clock.get(0).mean() <= clock.get(1).mean());
    assertTrue(clock.get(1).mean() <= lab.run(run.id()).times().seconds());
  }

  private static List<Long> steps(List<Curve.Bucket> points) {
    return points.stream().map(Curve.Bucket::step).toList();
  }

  @Test
  public void replaysToZero() throws Exception {
    Run run = submit("rig", "steps", 4);
    lab.await(run.id(), r -> {});
    Run replay = lab.await(lab.replay(run.id()).id(), r -> {});
    assertEquals(State.DONE, replay.state());
    assertEquals("rig-replay-1", replay.network());
    Comparison comparison = lab.compare(run.id(), replay.id());
    assertTrue(comparison.sameData());
    assertEquals(Map.of(), comparison.spec());
    assertEquals(Map.of(), comparison.parts());
    for (Comparison.Metric metric : comparison.metrics()) {
      assertEquals(metric.name(), 0, metric.largest(), 0);
      assertEquals(0, metric.unmatched());
      assertEquals(4, metric.points());
    }
    assertEquals(2, comparison.metrics().size());
    assertEquals("its network is gone again", List.of("rig"), bench.networks);
    assertEquals(List.of("rig-replay-1 < initial.safetensors"), bench.imported);
  }

  @Test
  public void seesTrainingsOfOtherProcesses() throws Exception {
    Path run = folder.getRoot().toPath().resolve("runs/other-3");
    Files.createDirectories(run);
    bench.spec(run, "other", 8);
    Files.writeString(run.resolve("steps.jsonl"), "{\"step\":1,\"loss\":2.5,\"lr\":0.1}\n{\"st");
    Run seen = lab.list(Lab.Query.ALL).runs().get(0);
    assertEquals("other", seen.network());
    assertEquals(State.PAUSED, seen.state());
    assertEquals(1, seen.progress().done());
    assertEquals(2.5, seen.metrics().get("loss"), 0);
    Files.writeString(
        run.resolve("steps.jsonl"),
        "{\"step\":1,\"loss\":2.5,\"lr\":0.1}\n{\"step\":2,\"loss\":1.5,\"lr\":0.1}\n");
    Files.writeString(run.resolve("evaluations.jsonl"), "{\"step\":2,\"miou\":[0.5,null]}\n");
    Files.writeString(run.resolve("end.json"), "{\"end\":\"FINISHED\"}");
    FileTime end = FileTime.fromMillis(1_700_000_000_000L);
    Files.setLastModifiedTime(run.resolve("end.json"), end);
    seen = lab.list(Lab.Query.ALL).runs().get(0);
    assertEquals(State.DONE, seen.state());
    assertEquals("not when it was found", end.toInstant(), seen.times().ended().orElseThrow());
    assertEquals(1.5, seen.metrics().get("loss"), 0);
    assertEquals(0.5, seen.metrics().get("mIoU.t1"), 0);
    assertEquals(1, lab.list(Lab.Query.ALL).total());
    assertEquals(List.of("loss", "lr", "mIoU.t1", "mIoU.t2"), lab.metrics(seen.id()));
  }

  @Test
  public void showsATrainingThatAnotherProcessIsAtAsRunning() throws Exception {
    Path home = folder.getRoot().toPath();
    Path run = home.resolve("runs/other-1");
    Files.createDirectories(run);
    bench.spec(run, "other", 8);
    Path marks = home.resolve(ProcessMark.RUNNING);
    long id = lab.list(Lab.Query.ALL).runs().get(0).id();
    try (ProcessMark mark = ProcessMark.set(marks, "other-1", "runs/other-1")) {
      lab.list(Lab.Query.ALL);
      assertEquals(State.RUNNING, lab.run(id).state());
      assertEquals("trained by process " + ProcessHandle.current().pid(), lab.run(id).error());
      assertEquals(1, lab.list(Lab.Query.of(State.RUNNING)).total());
      assertEquals(1, lab.list(Lab.Query.where("state=running", List.of(), 0, 9)).total());
      assertEquals(0, lab.list(Lab.Query.of(State.PAUSED)).total());
      assertEquals(1L, (long) lab.health().runs().get(State.RUNNING));
      for (ThrowingRunnable change :
          List.<ThrowingRunnable>of(
              () -> lab.pause(id),
              () -> lab.cancel(id),
              () -> lab.resume(id),
              () -> lab.delete(List.of(id)))) {
        RigException e = assertThrows(RigException.class, change);
        assertEquals(RigException.Kind.CONFLICT, e.kind());
        assertTrue(e.getMessage(), e.getMessage().startsWith("run " + id + " is "));
      }
      assertTrue(mark.toString(), Files.exists(marks.resolve("other-1.json")));
    }
    assertEquals(State.PAUSED, lab.list(Lab.Query.ALL).runs().get(0).state());
    assertEquals("", lab.run(id).error());
    ProcessMark.set(marks, "other-1", "runs/other-1");
    Map<String, Object> left = Json.read(marks.resolve("other-1.json"));
    left.put("started", 5);
    Json.write(marks.resolve("other-1.json"), left);
    assertEquals(
        "left by a process that has ended",
        State.PAUSED,
        lab.list(Lab.Query.ALL).runs().get(0).state());
    assertEquals(State.QUEUED, lab.resume(id).state());
  }

  @Test
  public void showsATrainingOfAnotherMachineAsRunningUntilItIsSilent() throws Exception {
    Path home = folder.getRoot().toPath();
    Path run = home.resolve("runs/other-1");
    Files.createDirectories(run);
    bench.spec(run, "other", 8);
    long id = lab.list(Lab.Query.ALL).runs().get(0).id();
    Path mark = home.resolve(ProcessMark.RUNNING).resolve("other-1.json");
    Json.write(
        mark, Map.of("process", 7, "machine", "m", "host", "gpubox", "what", "runs/other-1"));
    Instant last = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Files.setLastModifiedTime(mark, FileTime.from(last));
    Run seen = lab.list(Lab.Query.ALL).runs().get(0);
    assertEquals(State.RUNNING, seen.state());
    assertEquals("trained on gpubox by process 7, last sign at " + last, seen.error());
    RigException refused = assertThrows(RigException.class, () -> lab.resume(id));
    assertEquals(RigException.Kind.CONFLICT, refused.kind());

    last = last.minusSeconds(3600);
    Files.setLastModifiedTime(mark, FileTime.from(last));
    seen = lab.list(Lab.Query.ALL).runs().get(0);
    assertEquals(State.PAUSED, seen.state());
    assertTrue(
        seen.error(), seen.error().startsWith("no sign of process 7 on gpubox since " + last));
    assertEquals("", lab.resume(id).error());
  }

  @Test
  public void seesThatATrainingOfAnotherProcessFailed() throws Exception {
    Path run = folder.getRoot().toPath().resolve("runs/other-1");
    Files.createDirectories(run.resolve("step-8"));
    bench.spec(run, "other", 16);
    Files.writeString(
        run.resolve("spec.json"),
        "{\"network\":\"other\",\"steps\":16,\"batch\":4,\"accumulation\":2}");
    Files.writeString(run.resolve("steps.jsonl"), "{\"step\":8,\"loss\":2.5,\"lr\":0.1}\n");
    Files.writeString(run.resolve("checkpoints.json"), "{\"last\":\"step-8\"}");
    Files.writeString(run.resolve("step-8/state.json"), "{\"step\":8,\"seconds\":16}");
    Files.writeString(run.resolve("end.json"), "{\"end\":\"FAILED\",\"error\":\"no luck\"}");
    Run seen = lab.list(Lab.Query.ALL).runs().get(0);
    assertEquals(State.FAILED, seen.state());
    assertEquals("no luck", seen.error());
    assertEquals("not written by 0.1", Optional.of(Kind.PART_FAILED), seen.failure());
    assertEquals(16, seen.times().seconds(), 0);
    assertEquals("64 images", 4, seen.progress().imagesPerSecond(), 1e-9);

    Files.delete(run.resolve("end.json"));
    assertEquals("goes on", State.PAUSED, lab.list(Lab.Query.ALL).runs().get(0).state());
    Files.writeString(
        run.resolve("end.json"),
        "{\"end\":\"FAILED\",\"kind\":\"out-of-memory\",\"error\":\"again\"}");
    assertEquals("again", lab.list(Lab.Query.ALL).runs().get(0).error());
    assertEquals(Optional.of(Kind.OUT_OF_MEMORY), lab.run(seen.id()).failure());
    assertEquals("can be retried", State.QUEUED, lab.retry(seen.id()).state());
  }

  @Test
  public void noticesFoldersThatAreRemovedAndMeasuresThem() throws Exception {
    Run run = submit("rig", "steps", 3);
    lab.await(run.id(), r -> {});
    Path path = folder.getRoot().toPath().resolve("runs/rig-1");
    long bytes = lab.list(Lab.Query.ALL).runs().get(0).storage().bytes();
    long there = 0;
    for (Lab.RunFile file : lab.files(run.id())) {
      there += file.bytes();
    }
    assertEquals(there, bytes);
    Path away = folder.getRoot().toPath().resolve("away");
    Files.move(path, away);
    Run seen = lab.list(Lab.Query.where("files=missing", List.of(), 0, 9)).runs().get(0);
    assertEquals(new Run.Storage(Run.Files.MISSING, 0), seen.storage());
    assertTrue(lab.eventsOf(run.id(), 1).get(0).text().contains("runs/rig-1"));
    Files.move(away, path);
    assertEquals(
        new Run.Storage(Run.Files.PRESENT, bytes), lab.list(Lab.Query.ALL).runs().get(0).storage());
  }

  @Test
  public void anArchivedRunIsRestoredBeforeItIsUsed() throws Exception {
    Run run = submit("rig", "steps", 3);
    lab.await(run.id(), r -> {});
    List<Lab.RunFile> before = lab.files(run.id());
    lab.archive(List.of(run.id()));
    assertEquals(before, lab.files(run.id()));
    String file = before.get(0).name();
    assertEquals(
        "run 1 is archived; 'runs restore 1' unpacks its files",
        assertThrows(RigException.class, () -> lab.file(run.id(), file)).getMessage());
    assertThrows(RigException.class, () -> lab.replay(run.id()));
    lab.restore(List.of(run.id()));
    assertTrue(Files.exists(lab.file(run.id(), file)));
    assertEquals(State.DONE, lab.await(lab.replay(run.id()).id(), r -> {}).state());
  }

  @Test
  public void aDamagedFolderHidesNoOther() throws Exception {
    Path runs = folder.getRoot().toPath().resolve("runs");
    for (String name : List.of("a-1", "b-1", "c-1")) {
      Files.createDirectories(runs.resolve(name));
      bench.spec(runs.resolve(name), name, 8);
    }
    Files.writeString(runs.resolve("b-1/spec.json"), "{\"network\":");
    assertEquals(
        List.of("runs/c-1", "runs/a-1"),
        lab.list(Lab.Query.ALL).runs().stream().map(Run::folder).toList());
  }

  @Test
  public void filesOfARunOnly() throws Exception {
    Run run = submit("rig", "steps", 1);
    lab.await(run.id(), r -> {});
    Path home = folder.getRoot().toPath();
    Files.writeString(home.resolve("secret"), "x");
    Files.writeString(home.resolve("runs/rig-1x"), "x");
    Files.createSymbolicLink(home.resolve("runs/rig-1/link"), home.resolve("secret"));
    Files.createSymbolicLink(home.resolve("runs/rig-1/up"), home);
    assertEquals(home.resolve("runs/rig-1/spec.json"), lab.file(run.id(), "spec.json"));
    for (String name :
        List.of(
            "../../secret",
            "link",
            "up/secret",
            "../rig-1x",
            home.resolve("secret").toString(),
            "",
            ".",
            "..",
            "none",
            "a\0b",
            "step-1/../../../secret")) {
      assertThrows(name, RigException.class, () -> lab.file(run.id(), name));
    }
    assertFalse(lab.files(run.id()).toString().contains("link"));
  }

  @Test
  public void aSlowListenerSlowsNobody() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch missed = new CountDownLatch(1);
    try (Lab.Registration slow =
        lab.listen(
            new LabListener() {
              @Override
              public void event(Event event) {
                entered.countDown();
                try {
                  blocked.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }

              @Override
              public void missed() {
                missed.countDown();
              }
            })) {
      assertTrue(slow != null);
      Run run = submit("rig", "steps", 30_000);
      lab.serve();
      assertTrue(entered.await(SECONDS, TimeUnit.SECONDS));
      until(run.id(), State.DONE);
      assertEquals(1, blocked.getCount());
      blocked.countDown();
      assertTrue("it is told", missed.await(SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  public void aComputationThatAnInterruptEndsIsPaused() throws Exception {
    bench.fault =
        step -> {
          if (step == 1) {
            bench.fault = other -> {};
            Thread.currentThread().interrupt();
            Interrupts.check();
          }
        };
    Run run = submit("rig", "steps", 2);
    Run next = submit("rig", "steps", 2);
    lab.serve();
    assertEquals("its thread was interrupted", until(run.id(), State.PAUSED).error());
    until(next.id(), State.DONE);
  }

  @Test
  public void theWatchdogSeesAStall() throws Exception {
    bench.held = true;
    Run run = submit("rig", "steps", 2);
    lab.serve();
    BlockingQueue<Event> warnings = new LinkedBlockingQueue<>();
    try (Lab.Registration listening =
        lab.listen(
            new LabListener() {
              @Override
              public void event(Event event) {
                if (event.type() == Event.Type.WARNING) {
                  warnings.add(event);
                }
              }
            })) {
      assertTrue(listening != null);
      until(run.id(), State.RUNNING);
      assertTrue(warnings.poll(SECONDS, TimeUnit.SECONDS) != null);
      assertEquals(List.of("no step for 0 minutes"), lab.run(run.id()).warnings());
      assertTrue(
          lab.health().checks().stream()
              .anyMatch(c -> c.name().equals("run 1") && c.status() == Health.Status.WARN));
    }
    bench.free.release(100);
    assertEquals(List.of(), until(run.id(), State.DONE).warnings());
  }

  @Test
  public void aWorkerThatMakesNoStepIsReplacedUntilItsRunFails() throws Exception {
    lab.close();
    lab = lab(1, 0.02);
    bench.held = true;
    Run run = submit("rig", "steps", 4);
    lab.serve();
    String error = until(run.id(), State.FAILED).error();
    assertTrue(
        error,
        error.matches(
            "3 processes in a row died while it ran, the last after step 0: worker cpu was ended by"
                + " signal 9: no step for \\d s: gate hung \\(b 1\\.0\\.0\\) is in lab-cpu"));
    bench.held = false;
    Run next = submit("rig", "steps", 2);
    until(next.id(), State.DONE);
    assertEquals("each death was followed by a fresh worker", 4, host.workers.size());
  }

  @Test
  public void aRunGoesOnInAFreshWorkerAfterAHang() throws Exception {
    lab.close();
    lab = lab(1, 0.02);
    CountDownLatch over = new CountDownLatch(1);
    bench.fault =
        step -> {
          if (step == 3) {
            bench.fault = other -> {};
            try {
              over.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("a killed process would not get here");
          }
        };
    Run run = submit("rig", "steps", 4);
    Run next = submit("rig", "steps", 2);
    lab.serve();
    assertEquals(4, until(run.id(), State.DONE).progress().done());
    assertEquals(State.DONE, until(next.id(), State.DONE).state());
    assertEquals("each step once", 6, bench.steps.get());
    assertEquals(4, lab.curve(run.id(), "loss", 10).total());
    assertEquals(
        1,
        lab.eventsOf(run.id(), 100).stream()
            .filter(e -> e.text().startsWith("worker cpu was ended by signal 9: no step for "))
            .count());
    over.countDown();
  }

  @Test
  public void aKilledWorkerIsReplacedAndItsRunGoesOn() throws Exception {
    bench.held = true;
    Run run = submit("rig", "steps", 9);
    lab.serve();
    bench.free.release(4);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (lab.run(run.id()).progress().done() < 4) {
      assertTrue(System.nanoTime() < end);
      Thread.sleep(10);
    }
    Thread killed = bench.last;
    bench.fault =
        step -> {
          if (Thread.currentThread() == killed) {
            throw new IllegalStateException("a killed process would not get here");
          }
        };
    host.workers.get(0).kill();
    bench.held = false;
    bench.free.release(2);
    assertEquals(9, until(run.id(), State.DONE).progress().done());
    assertEquals("each step once", 9, bench.steps.get());
    assertEquals(2, host.workers.size());
  }

  /** Every thread is in a gate. */
  private static final class FakeCulprits extends NoCulprits {
    @Override
    public Optional<Culprit> in(java.util.Collection<Thread> threads) {
      String thread = threads.iterator().next().getName();
      return Optional.of(new Culprit("gate hung (b 1.0.0)", thread));
    }
  }
}
