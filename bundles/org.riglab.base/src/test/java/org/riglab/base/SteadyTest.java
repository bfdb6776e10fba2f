package org.riglab.base;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.Test;

public class SteadyTest {
  @Test
  public void aPeriodicTaskSurvives() throws Exception {
    CountDownLatch runs = new CountDownLatch(3);
    ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    try {
      executor.scheduleWithFixedDelay(
          Steady.task(
              "a test",
              () -> {
                runs.countDown();
                throw new IllegalStateException("each time");
              }),
          0,
          1,
          TimeUnit.MILLISECONDS);
      assertTrue(runs.await(30, TimeUnit.SECONDS));
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  public void errorsOfOneItemAreKept() {
    for (Error error : List.of(new NoClassDefFoundError("x"), new StackOverflowError())) {
      assertFalse(
          Steady.run(
              "a test",
              () -> {
                throw error;
              }));
    }
    int[] ran = {0};
    assertTrue(Steady.run("a test", () -> ran[0]++));
    assertEquals(1, ran[0]);
  }
}
