package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Health.Status;
import org.riglab.api.lab.Request;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** A server that is told to end while it starts. */
public class EndedStartTest {
  private static final int CRASH_LIMIT = 3;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger started = new AtomicInteger();
  private LabStore lab;

  @Before
  public void open() {
    lab = new LabStore(folder.getRoot().toPath(), "", Clock.systemUTC(), () -> {});
  }

  @After
  public void close() {
    lab.close();
  }

  private static Limits limits() {
    return new Limits(List.of("cpu"), 1, 0, false, 0, 0, 0, 0, 0, CRASH_LIMIT);
  }

  private Workers workers() {
    Path home = folder.getRoot().toPath();
    Limits limits = limits();
    Watchdog watchdog = new Watchdog(limits, home);
    return new Workers(
        lab,
        home,
        limits,
        watchdog,
        ending::get,
        () -> supervisor(limits, watchdog),
        place -> null);
  }

  private Supervisor supervisor(Limits limits, Watchdog watchdog) {
    WorkerHost host =
        new WorkerHost() {
          @Override
          public Running start(Place place) {
            started.incrementAndGet();
            throw new AssertionError(place);
          }

          @Override
          public boolean ending() {
            looks.incrementAndGet();
            return ending.get();
          }
        };
    return new Supervisor(
        lab.store(), lab.recorder(), watchdog, limits, ThreadHost.SETTINGS, host, new NoCulprits());
  }

  private Job claim() {
    return lab.store().claims().claim("cpu", true, Set.of(), Set.of()).orElseThrow();
  }

  private long submit() {
    Draft draft =
        new Draft(
            "rig",
            Run.Kind.TRAIN,
            "rig",
            false,
            "",
            Map.of("classes", 3L),
            Map.of("steps", 4L),
            1,
            0,
            List.of(),
            "auto",
            0);
    return lab.store().queue().add(List.of(draft)).get(0);
  }

  @Test
  public void claimsNothingAndCountsNoCrash() {
    long id = submit();
    assertEquals(id, claim().run().id());
    // The server that had claimed it was killed: that counts, what follows does not.
    for (int i = 0; i < 2 * CRASH_LIMIT; i++) {
      Workers workers = workers();
      workers.serve(workers::drain);
      assertTrue(workers.supervisor().isEmpty());
      workers.release();
      assertEquals(State.QUEUED, lab.store().run(id).state());
    }
    assertEquals(0, started.get());
    assertEquals(1, claim().crashes());
  }

  /** The signal is not a call of this bundle, which is not stopped before all has started. */
  @Test
  public void noticesTheSignalBetweenItsSteps() {
    Workers workers = workers();
    assertFalse(workers.serve(() -> ending.set(true)));
    assertTrue(workers.supervisor().isEmpty());
    workers.release();
    workers = workers();
    assertFalse(workers.serve(() -> fail("a step was begun after the signal")));
    assertEquals("free for others", Optional.empty(), workers.owner());
    assertEquals(0, started.get());
  }

  @Test
  public void aServerThatHasStartedStartsNoWorkerAfterTheSignal() throws Exception {
    ending.set(true);
    Supervisor supervisor = supervisor(limits(), new Watchdog(limits(), folder.getRoot().toPath()));
    supervisor.start();
    for (int i = 0; i < 100 && looks.get() < 3; i++) {
      supervisor.wake();
      Thread.sleep(50);
    }
    supervisor.drain();
    assertTrue("it looked", looks.get() >= 3);
    assertEquals(0, started.get());
  }

  @Test
  public void aWorkerThatIsReadyGetsNothingAfterTheSignal() throws Exception {
    lab.close();
    FakeBench bench = new FakeBench(folder.getRoot().toPath());
    bench.networks.add("rig");
    ThreadHost threads = new ThreadHost(() -> bench.lab(limits(), null));
    LabService server =
        bench.lab(
            limits(),
            new WorkerHost() {
              @Override
              public Running start(Place place) {
                return threads.start(place);
              }

              @Override
              public boolean ending() {
                return ending.get();
              }
            });
    try {
      server.serve();
      await(() -> server.supervisor().orElseThrow().checks().get(0).status() == Status.OK);
      ending.set(true);
      Request request =
          new Request(
              Run.Kind.TRAIN,
              "",
              "rig",
              Map.of(),
              Map.of("steps", 2),
              Map.of(),
              List.of(),
              0,
              List.of());
      long id = server.submit(request).get(0).id();
      Thread.sleep(500); // it was woken at once
      assertEquals(State.QUEUED, server.run(id).state());
      ending.set(false);
      await(() -> server.run(id).state() != State.QUEUED);
    } finally {
      bench.free.release(100);
      server.close();
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 600 && !condition.getAsBoolean(); i++) {
      Thread.sleep(50);
    }
    assertTrue(condition.getAsBoolean());
  }
}
