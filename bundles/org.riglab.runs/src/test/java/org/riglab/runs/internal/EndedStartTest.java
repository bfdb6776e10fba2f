package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Run;
import org.riglab.api.lab.Run.State;

/** A server that is told to end while it starts. */
public class EndedStartTest {
  private static final int CRASH_LIMIT = 3;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

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

  private Workers workers() {
    Path home = folder.getRoot().toPath();
    Limits limits = new Limits(List.of("cpu"), 1, 0, false, 0, 0, 0, 0, 0, CRASH_LIMIT);
    Watchdog watchdog = new Watchdog(limits, home);
    return new Workers(
        lab,
        home,
        limits,
        watchdog,
        () ->
            new Supervisor(
                lab.store(),
                lab.recorder(),
                watchdog,
                limits,
                ThreadHost.SETTINGS,
                place -> {
                  started.incrementAndGet();
                  throw new AssertionError(place);
                },
                new NoCulprits()),
        place -> null);
  }

  private Job claim() {
    return lab.store().claims().claim("cpu", true, Set.of(), Set.of()).orElseThrow();
  }

  @Test
  public void claimsNothingAndCountsNoCrash() {
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
    long id = lab.store().queue().add(List.of(draft)).get(0);
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
}
