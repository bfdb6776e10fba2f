package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.RigException.Kind;
import org.riglab.api.lab.Comparison;
import org.riglab.api.lab.Curve;
import org.riglab.api.lab.Event;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;
import org.sqlite.SQLiteDataSource;

public class StoreTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Jumping clock = new Jumping();
  private Path file;
  private Database database;
  private Store store;

  /** A wall clock that goes where it is put. */
  private static final class Jumping extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @Before
  public void open() {
    open(folder.getRoot().toPath().resolve("lab/lab.db"));
  }

  private void open(Path where) {
    file = where;
    database = new Database(file, folder.getRoot().toPath());
    store = new Store(database, clock);
  }

  @After
  public void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  private static Draft draft(String network, int priority, String device, Long... after) {
    return new Draft(
        network,
        Run.Kind.TRAIN,
        network,
        false,
        "",
        Map.of("classes", 3L),
        Map.of("lr", 0.5, "steps", 7L),
        11,
        priority,
        List.of(after),
        device,
        0);
  }

  private long add(String network, int priority, Long... after) {
    return store.queue().add(List.of(draft(network, priority, "auto", after))).get(0);
  }

  private List<Long> queue() {
    return store.list(Lab.Query.of(State.QUEUED)).runs().stream().map(Run::id).toList();
  }

  private Run claim() {
    return store.claims().claim("cpu", true, Set.of(), Set.of()).orElseThrow().run();
  }

  @Test
  public void keepsWhatWasSubmitted() {
    long first = add("a", 0);
    long second = store.queue().add(List.of(draft("b", 5, "gpu1", first))).get(0);
    reopen();
    Run run = store.run(second);
    assertEquals("b", run.network());
    assertEquals(State.QUEUED, run.state());
    assertEquals(Map.of("lr", 0.5, "steps", 7L), run.spec());
    assertEquals(11, run.seed());
    assertEquals(5, run.priority());
    assertEquals(List.of(first), run.after());
    assertEquals("gpu1", run.device());
    assertEquals(Instant.parse("2026-01-01T00:00:00Z"), run.times().submitted());
    assertEquals(
        "there is no run 9; the last one is 2",
        assertThrows(RigException.class, () -> store.run(9)).getMessage());
    assertThrows(RigException.class, () -> add("c", 0, 99L));
    assertEquals("all or none", 2, store.list(Lab.Query.ALL).total());
  }

  @Test
  public void claimsByPriorityThenOrderAndNeverTwoOfANetwork() {
    long low = add("a", -1);
    long first = add("b", 0);
    long second = add("c", 0);
    long same = add("b", 9);
    long dependent = add("d", 10, low);
    assertEquals(List.of(dependent, same, first, second, low), queue());
    assertEquals("not the dependent one", same, claim().id());
    assertEquals("not the same network", second, claim().id());
    assertEquals(low, claim().id());
    assertTrue(store.claims().claim("cpu", true, Set.of(), Set.of()).isEmpty());
    store.claims().end(low, State.DONE, "");
    assertEquals(dependent, claim().id());
    store.claims().end(same, State.DONE, "");
    assertEquals(first, claim().id());
    assertEquals("cpu", store.run(first).device());
  }

  @Test
  public void devicesGetTheirOwnRunsOnly() {
    store.queue().add(List.of(draft("a", 0, "gpu0", new Long[0])));
    long any = add("b", 0);
    assertTrue(store.claims().claim("cpu", false, Set.of(), Set.of()).isEmpty());
    assertEquals(
        any, store.claims().claim("cpu", true, Set.of(), Set.of()).orElseThrow().run().id());
    assertEquals(
        1, store.claims().claim("gpu0", true, Set.of(), Set.of()).orElseThrow().run().id());
  }

  @Test
  public void failsWhatWaitsForAFailure() {
    long first = add("a", 0);
    long second = add("b", 0, first);
    long third = add("c", 0, second);
    assertFalse(store.claims().failOrphans());
    claim();
    store.claims().fail(first, new RunFailure(Kind.OUT_OF_MEMORY, "boom"));
    assertEquals(Optional.of(Kind.OUT_OF_MEMORY), store.run(first).failure());
    assertTrue(store.claims().failOrphans());
    assertEquals("run 1, which it waited for, is failed", store.run(second).error());
    assertEquals(
        "for the same reason", Optional.of(Kind.OUT_OF_MEMORY), store.run(second).failure());
    assertTrue(store.claims().failOrphans());
    assertEquals(State.FAILED, store.run(third).state());
    assertFalse(store.claims().failOrphans());
    assertEquals(
        List.of(second, first),
        store.list(Lab.Query.where("failure=out-of-memory id<3", List.of(), 0, 9)).runs().stream()
            .map(Run::id)
            .toList());
    assertEquals("forgotten", Optional.empty(), store.queue().retry(first).failure());
  }

  @Test
  public void movesInTheQueue() {
    long a = add("a", 0);
    long b = add("b", 0);
    long c = add("c", 0);
    long urgent = add("d", 7);
    store.queue().move(c, a);
    assertEquals(List.of(urgent, c, a, b), queue());
    store.queue().move(c, urgent);
    assertEquals(List.of(c, urgent, a, b), queue());
    assertEquals("it takes the priority of its place", 7, store.run(c).priority());
    store.queue().move(urgent, 0);
    assertEquals(List.of(c, a, b, urgent), queue());
    claim();
    assertEquals(
        "run 3 is running; only a queued run has a place in the queue",
        assertThrows(RigException.class, () -> store.queue().move(c, a)).getMessage());
  }

  @Test
  public void continuesWhatAKilledProcessLeft() {
    long a = add("a", 0);
    long b = add("b", 3);
    assertEquals(b, claim().id());
    assertEquals(a, claim().id());
    long later = add("c", 9);
    store.points().add(a, new Run.Progress(5, 7, 1, 1), 2.5, List.of());
    reopen();
    assertEquals(List.of(), store.claims().recover(3));
    assertEquals("what ran goes first", List.of(b, a, later), queue());
    assertEquals(2.5, store.run(a).times().seconds(), 0);
  }

  @Test
  public void givesUpARunThatKillsEveryProcess() {
    long a = add("a", 0);
    for (int crash = 1; crash <= 2; crash++) {
      claim();
      assertEquals(List.of(), store.claims().recover(3));
    }
    claim();
    store.points().add(a, new Run.Progress(1, 7, 1, 1), 1, List.of());
    assertEquals(
        "a step between them starts the count again", List.of(), store.claims().recover(3));
    claim();
    assertEquals(List.of(), store.claims().recover(3));
    claim();
    assertEquals(List.of(a), store.claims().recover(3));
    assertEquals(
        "3 processes in a row died while it ran, the last after step 1", store.run(a).error());
  }

  @Test
  public void aClockThatJumpsChangesNoOrder() {
    long first = add("a", 0);
    clock.now = Instant.parse("1999-01-01T00:00:00Z");
    long second = add("b", 0);
    claim();
    clock.now = Instant.parse("1998-01-01T00:00:00Z");
    store.claims().end(first, State.DONE, "");
    long third = add("c", 0);
    assertEquals(
        List.of(third, second, first),
        store.list(Lab.Query.ALL).runs().stream().map(Run::id).toList());
    assertEquals(List.of(second, third), queue());
    List<Event> events = store.events().since(0, 100);
    for (int i = 1; i < events.size(); i++) {
      assertTrue(events.get(i).sequence() > events.get(i - 1).sequence());
    }
    assertEquals("done", events.get(events.size() - 2).text());
  }

  @Test
  public void thinsCurvesOut() {
    long id = add("a", 0);
    List<Point> points = new ArrayList<>();
    for (int step = 1; step <= 1000; step++) {
      points.add(new Point("loss", step, step == 500 ? 1e6 : step));
    }
    points.add(new Point("mIoU.t1", 10, Double.NaN));
    store.points().add(id, new Run.Progress(1000, 1000, 0, 0), 1, points);
    Curve curve = store.points().curve(id, "loss", 10);
    assertEquals(1000, curve.total());
    assertEquals(10, curve.points().size());
    assertEquals(new Curve.Bucket(100, 50.5, 1, 100), curve.points().get(0));
    assertEquals("a peak stays visible", 1e6, curve.points().get(4).high(), 0);
    Curve whole = store.points().curve(id, "loss", 1000);
    assertEquals(1000, whole.points().size());
    assertEquals(new Curve.Bucket(7, 7, 7, 7), whole.points().get(6));
    assertTrue(Double.isNaN(store.points().curve(id, "mIoU.t1", 5).points().get(0).mean()));
    assertEquals(0, store.points().curve(id, "nothing", 5).total());
    assertEquals(List.of("loss", "mIoU.t1"), store.points().metrics(id));
    assertEquals(Map.of("loss", 1000.0, "mIoU.t1", Double.NaN), store.run(id).metrics());
    assertEquals(1000, store.points().lastStep(id, "loss"));
  }

  @Test
  public void readsLongCurvesFromCoarserSteps() {
    long id = add("a", 0);
    int last = 64_000;
    Run.Progress progress = new Run.Progress(last, last, 0, 0);
    for (int first = 1; first <= last; first += 1000) {
      List<Point> points = new ArrayList<>();
      for (int step = first; step < first + 1000; step++) {
        points.add(new Point("loss", step, step == 30_000 ? Double.NaN : step));
      }
      store.points().add(id, progress, 1, points);
    }
    // after a resumption: what was stored is replaced
    store.points().add(id, progress, 1, List.of(new Point("loss", 50_000, 1e6)));
    Curve curve = store.points().curve(id, "loss", 100);
    assertEquals(last, curve.total());
    assertEquals(100, curve.points().size());
    assertEquals(last, curve.points().get(99).step());
    long before = 0;
    for (Curve.Bucket bucket : curve.points()) {
      assertTrue("64 steps are not divided", bucket.step() % 64 == 63 || bucket.step() == last);
      assertEquals(640, bucket.step() - before, 64);
      assertEquals(before + 1, bucket.low(), 0);
      if (bucket.high() < 1e6) {
        assertEquals(bucket.step(), bucket.high(), 0);
        assertEquals((bucket.low() + bucket.high()) / 2, bucket.mean(), 1);
      }
      before = bucket.step();
    }
    assertEquals(
        "a peak stays visible",
        1e6,
        curve.points().stream().mapToDouble(Curve.Bucket::high).max().orElse(0),
        0);
    store.points().add(id, progress, 1, List.of(new Point("loss", 50_000, 5)));
    assertEquals(
        last,
        store.points().curve(id, "loss", 100).points().stream()
            .mapToDouble(Curve.Bucket::high)
            .max()
            .orElse(0),
        0);
  }

  @Test
  public void takesBackAChangeWithinAnother() {
    store.together(
        () -> {
          long first = add("a", 0);
          assertEquals("sees its own changes", "a", store.run(first).network());
          assertThrows(
              IllegalStateException.class,
              () ->
                  store
                      .database()
                      .write(
                          c -> {
                            Sql.update(c, "update run set network = 'b' where id = ?", first);
                            throw new IllegalStateException("no");
                          }));
          assertEquals("a", store.run(first).network());
        });
    assertEquals(1, store.list(Lab.Query.ALL).total());
  }

  @Test
  public void comparesStepByStep() {
    long a = add("a", 0);
    long b = add("b", 0);
    Run.Progress progress = new Run.Progress(3, 3, 0, 0);
    store.points().add(a, progress, 1, List.of(new Point("loss", 1, 2), new Point("loss", 2, 1.5)));
    store
        .points()
        .add(
            b,
            progress,
            1,
            List.of(new Point("loss", 1, 2), new Point("loss", 2, 1.25), new Point("loss", 3, 9)));
    store
        .points()
        .add(a, progress, 1, List.of(new Point("nan", 1, Double.NaN), new Point("mine", 1, 4)));
    store.points().add(b, progress, 1, List.of(new Point("nan", 1, Double.NaN)));
    List<Comparison.Metric> metrics = store.points().compare(a, b);
    assertEquals(List.of("loss", "mine", "nan"), metrics.stream().map(m -> m.name()).toList());
    assertEquals(new Comparison.Metric("loss", 2, 1, 0.25, 1.5, 9), metrics.get(0));
    assertEquals(new Comparison.Metric("mine", 0, 1, Double.NaN, 4, Double.NaN), metrics.get(1));
    assertEquals("NaN twice is no difference", 0, metrics.get(2).largest(), 0);
    store.points().add(b, progress, 1, List.of(new Point("nan", 1, 1)));
    assertEquals(
        "NaN once is", Double.POSITIVE_INFINITY, store.points().compare(a, b).get(2).largest(), 0);
  }

  @Test
  public void filters() {
    long a = add("alpha", 0);
    add("beta", 0);
    store.claims().end(a, State.FAILED, "no room left");
    assertEquals(
        List.of(a),
        store.list(new Lab.Query(Set.of(), Set.of(), "ALPHA", 0, 0, 10)).runs().stream()
            .map(Run::id)
            .toList());
    assertEquals(1, store.list(new Lab.Query(Set.of(), Set.of(), "no room", 0, 0, 10)).total());
    assertEquals(2, store.list(new Lab.Query(Set.of(), Set.of(), "\"lr\":0.5", 0, 0, 10)).total());
    assertEquals(0, store.list(new Lab.Query(Set.of(), Set.of(), "%", 0, 0, 10)).total());
    assertEquals(1, store.list(Lab.Query.of(State.FAILED)).total());
    Lab.Page page = store.list(new Lab.Query(Set.of(), Set.of(), "", 0, 1, 1));
    assertEquals(2, page.total());
    assertEquals(List.of(a), page.runs().stream().map(Run::id).toList());
    assertEquals(Map.of(State.FAILED, 1L, State.QUEUED, 1L), store.counts());
  }

  /** What schema 1 wrote, the newest code reads and goes on with. */
  @Test
  public void opensADatabaseOfTheFirstSchema() throws SQLException {
    store.close();
    Path old = folder.getRoot().toPath().resolve("old/lab.db");
    old.getParent().toFile().mkdirs();
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + old);
    Schema.migrate(source, old.toString(), 1);
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "insert into run (id, name, kind, state, network, options, spec, seed, folder, done,"
              + " total, metrics, submitted, seconds) values (41, 'old one', 'TRAIN', 'RUNNING',"
              + " 'rig', '{\"steps\":9}', '{\"steps\":9,\"lr\":0.1}', 3, 'runs/rig-1', 4, 9,"
              + " '{\"loss\":0.25}', 1700000000000, 12.5)");
      statement.executeUpdate("insert into metric (id, name) values (1, 'loss')");
      statement.executeUpdate("insert into point values (41, 1, 4, 0.25)");
      statement.executeUpdate(
          "insert into event values (8, 1700000000000, 41, 'MESSAGE', 'hello')");
    }
    file = old;
    store = new Store(new Database(old, folder.getRoot().toPath()), clock);
    Run run = store.run(41);
    assertEquals("old one", run.name());
    assertEquals(Map.of("steps", 9L, "lr", 0.1), run.spec());
    assertEquals(12.5, run.times().seconds(), 0);
    assertEquals(List.of(), run.warnings());
    assertEquals(0.25, store.points().curve(41, "loss", 10).points().get(0).mean(), 0);
    assertEquals("hello", store.events().since(7, 10).get(0).text());
    store.claims().recover(3);
    assertEquals(41, claim().id());
    store.warnings(41, List.of("slow"));
    assertEquals(List.of("slow"), store.run(41).warnings());
    assertEquals(42, add("next", 0));
  }

  /** Made by release 0.1: one run of each kind and state, with metrics that are not defined. */
  @Test
  public void opensADatabaseOfRelease01() throws Exception {
    store.close();
    Path old = folder.getRoot().toPath().resolve("home01/lab/lab.db");
    Files.createDirectories(old.getParent());
    try (InputStream in = StoreTest.class.getResourceAsStream("lab-0.1.db")) {
      Files.copy(in, old);
    }
    for (int opened = 1; opened <= 2; opened++) {
      open(old);
      List<Run> runs = store.list(Lab.Query.ALL).runs();
      assertEquals(List.of(5L, 4L, 3L, 2L, 1L), runs.stream().map(Run::id).toList());
      Run trained = store.run(1);
      assertEquals(State.DONE, trained.state());
      assertEquals("runs/tiny-1", trained.folder());
      assertEquals(3, trained.progress().done());
      assertEquals(1.9518, trained.metrics().get("loss"), 1e-4);
      assertTrue(trained.metrics().get("IoU.kind 5").isNaN());
      assertEquals(0.0381592, trained.metrics().get("IoU.kind 1"), 1e-6);
      assertEquals(3, store.points().curve(1, "loss", 10).total());
      assertEquals(Run.Kind.EVAL, store.run(2).kind());
      assertEquals(State.CANCELLED, store.run(3).state());
      assertEquals(List.of(3L), store.run(4).after());
      assertEquals("gpu0", store.run(5).device());
      assertFalse(store.events().of(1, 100).isEmpty());
      store.close();
    }
    open(old);
    assertEquals(6, add("next", 0));
    assertTrue(store.claims().failOrphans());
    assertEquals(State.FAILED, store.run(4).state());
    assertEquals(6, claim().id());
  }

  /** Processes that start at once bring a new store to the newest schema together. */
  @Test
  public void severalMakeOneDatabase() throws Exception {
    Path shared = folder.getRoot().toPath().resolve("shared/lab.db");
    int count = 6;
    CyclicBarrier start = new CyclicBarrier(count);
    List<Callable<Long>> openings =
        Collections.nCopies(
            count,
            () -> {
              start.await();
              try (Store mine = new Store(new Database(shared, shared.getParent()), clock)) {
                return mine.queue().add(List.of(draft("a", 0, "auto"))).get(0);
              }
            });
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      Set<Long> ids = new HashSet<>();
      for (Future<Long> id : threads.invokeAll(openings)) {
        ids.add(id.get());
      }
      assertEquals(Set.of(1L, 2L, 3L, 4L, 5L, 6L), ids);
    } finally {
      threads.shutdownNow();
    }
  }

  /** SQLite itself does not wait for a lock when it changes to a write-ahead log. */
  @Test
  public void waitsForTheProcessThatMakesTheDatabase() throws Exception {
    Path made = folder.getRoot().toPath().resolve("made.db");
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + made);
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("begin immediate");
      CompletableFuture<Database> opening =
          CompletableFuture.supplyAsync(() -> new Database(made, folder.getRoot().toPath()));
      assertThrows(TimeoutException.class, () -> opening.get(200, TimeUnit.MILLISECONDS));
      statement.execute("commit");
      opening.get(10, TimeUnit.SECONDS).close();
    }
  }

  @Test
  public void refusesADatabaseOfTheFuture() throws SQLException {
    store.close();
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + file);
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("pragma user_version = 99");
    }
    RigException e =
        assertThrows(RigException.class, () -> new Database(file, folder.getRoot().toPath()));
    assertTrue(
        e.getMessage(),
        e.getMessage().contains("newer version of Riglab (schema 99; this one supports 5)"));
    store = new Store(new Database(file.resolveSibling("other.db"), file.getParent()), clock);
  }

  @Test
  public void aFullDiskChangesNothing() throws SQLException {
    long id = add("a", 0);
    database.write(
        c -> {
          try (Statement statement = c.createStatement()) {
            return statement.execute("pragma max_page_count = 60");
          }
        });
    List<Point> many = new ArrayList<>();
    for (int step = 1; step <= 50_000; step++) {
      many.add(new Point("loss", step, step));
    }
    Run.Progress progress = new Run.Progress(50_000, 50_000, 0, 0);
    assertEquals(
        RigException.Kind.NO_SPACE,
        assertThrows(RigException.class, () -> store.points().add(id, progress, 1, many)).kind());
    assertEquals(0, store.run(id).progress().done());
    assertEquals(0, store.points().curve(id, "loss", 10).total());
    database.write(
        c -> {
          try (Statement statement = c.createStatement()) {
            return statement.execute("pragma max_page_count = 100000");
          }
        });
    store.points().add(id, progress, 1, many);
    assertEquals(50_000, store.points().curve(id, "loss", 10).total());
  }

  @Test
  public void anInterruptedReaderHarmsNobody() {
    add("a", 0);
    Thread.currentThread().interrupt();
    assertEquals(1, store.list(Lab.Query.ALL).total());
    add("b", 0);
    assertTrue(Thread.interrupted());
    assertEquals(2, store.list(Lab.Query.ALL).total());
  }
}
