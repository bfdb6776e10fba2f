package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Training;

/** The log of a run, and what of it stays in memory. */
public class RunLogTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static Training.Point point(long step) {
    return new Training.Point(step, 1.0 / step, 0.5);
  }

  @Test
  public void pointsInMemoryDoNotGrowWithTheRun() {
    KeptPoints points = new KeptPoints();
    for (long step = 1; step < KeptPoints.MOST; step++) {
      points.add(point(step));
    }
    assertEquals("all of them", KeptPoints.MOST - 1, points.points().size());
    for (long step = KeptPoints.MOST; step <= 1_000_000; step++) {
      points.add(point(step));
    }
    List<Training.Point> kept = points.points();
    assertTrue("" + kept.size(), kept.size() > KeptPoints.MOST / 2);
    assertTrue("" + kept.size(), kept.size() <= KeptPoints.MOST);
    assertEquals(point(1), kept.get(0));
    assertEquals(point(17), kept.get(1));
    assertEquals(point(33), kept.get(2));
    assertEquals(point(1_000_000), kept.get(kept.size() - 1));
  }

  @Test
  public void whatLiesBehindTheCheckpointIsCutOff() throws IOException {
    RunDirectory run = new RunDirectory(folder.getRoot().toPath());
    Path steps = run.stepLog();
    try (RunLog log = RunLog.open(run, state(0))) {
      for (long step = 1; step <= 5; step++) {
        log.add(point(step));
      }
      log.add(new Training.Validation(3, List.of(0.25, Double.NaN)));
      log.add(new Training.Validation(5, List.of(0.5, 0.75)));
    }
    String all = Files.readString(steps);
    Files.writeString(steps, all + "{\"step\":6,\"lo");
    assertEquals(5, RunLog.points(run, 9).size());
    try (RunLog log = RunLog.open(run, state(4))) {
      assertEquals(List.of(point(1), point(2), point(3), point(4)), log.points());
      assertEquals(
          List.of(new Training.Validation(3, List.of(0.25, Double.NaN))), log.evaluations());
      log.add(point(5));
    }
    assertEquals(all, Files.readString(steps));
    assertEquals("{\"step\":3,\"miou\":[0.25,null]}\n", Files.readString(run.evaluationLog()));
  }

  private static Checkpoints.State state(long step) {
    return new Checkpoints.State(step, Double.NaN, Double.NaN, 0, Map.of(), 0, false, 0, 0, 0);
  }
}
