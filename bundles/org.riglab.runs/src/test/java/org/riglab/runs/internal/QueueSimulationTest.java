package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.Assume;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.Run.State;

/** The order of a long queue on many devices, and that nobody waits without need. */
public class QueueSimulationTest {
  private static final int RUNS = 600;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void servesALongQueueInOrderAndFairly() {
    Path root = folder.getRoot().toPath();
    try (Store store = new Store(new Database(root.resolve("lab.db"), root), Clock.systemUTC())) {
      QueueSimulation simulation = new QueueSimulation(store, 64, true);
      simulation.load(RUNS, 7);
      store.together(simulation::run); // one transaction: only the order counts here
      // Each decision is what the rules say: no device is idle while a run could have it, nobody is
      // overtaken but by priority, and what was cut off goes first.
      assertEquals(List.of(), simulation.wrong.stream().limit(5).toList());
      assertEquals(
          "every run ends",
          Set.of(State.DONE, State.FAILED),
          simulation.jobs().stream().map(job -> job.state).collect(Collectors.toSet()));
      assertEquals((long) RUNS, store.counts().values().stream().mapToLong(n -> n).sum());
      simulation
          .plainStarts()
          .forEach(
              (priority, ids) ->
                  assertEquals(
                      "submitted first, started first, at priority " + priority,
                      ids.stream().sorted().toList(),
                      ids));
      assertTrue("four priorities", simulation.plainStarts().size() == 4);
      // Nothing that is there at the beginning with a higher priority waits behind a lower one.
      double firstLow = first(simulation, 0);
      assertTrue(first(simulation, 3) <= firstLow);
      // The devices share the work: until the queue is short, each is always busy.
      double mean = simulation.busy().values().stream().mapToDouble(b -> b).average().orElse(0);
      simulation
          .busy()
          .forEach(
              (device, minutes) ->
                  assertTrue(
                      String.format(Locale.ROOT, "%s: %.0f of %.0f", device, minutes, mean),
                      minutes >= simulation.drained));
      assertTrue(simulation.drained + " min", simulation.drained > mean / 4);
    }
  }

  /** A benchmark, which asserts no speed: -Driglab.queue.runs=10000. */
  @Test
  public void measuresTheTimeOfADecision() {
    int runs = Integer.getInteger("riglab.queue.runs", 0);
    Assume.assumeTrue("-Driglab.queue.runs=N measures the queue", runs > 0);
    System.out.println(QueueSimulation.benchmark(folder.getRoot().toPath(), runs, 64));
  }

  private static double first(QueueSimulation simulation, int priority) {
    return simulation.starts.stream()
        .filter(job -> job.draft.priority() == priority)
        .mapToDouble(job -> job.started)
        .min()
        .orElseThrow();
  }
}
