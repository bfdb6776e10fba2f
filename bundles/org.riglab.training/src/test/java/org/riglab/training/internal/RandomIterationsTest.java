package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;
import org.riglab.api.RigException;

/** Numbers of iterations that are drawn. */
public class RandomIterationsTest {
  private static final int DRAWS = 20_000;

  private static double mean(RandomIterations rule, long from, long steps) {
    double sum = 0;
    for (long step = from; step < from + DRAWS; step++) {
      sum += rule.draw(7, step, steps);
    }
    return sum / DRAWS;
  }

  @Test
  public void uniformDrawsHaveTheSameProbability() {
    RandomIterations rule = RandomIterations.parse("uniform:2..5");
    int[] counts = new int[7];
    for (long step = 1; step <= DRAWS; step++) {
      counts[rule.draw(1, step, DRAWS)]++;
    }
    assertEquals(0, counts[1] + counts[6]);
    for (int n = 2; n <= 5; n++) {
      assertEquals(DRAWS / 4.0, counts[n], 4 * Math.sqrt(DRAWS * 0.25 * 0.75));
    }
  }

  @Test
  public void poissonDrawsHaveTheirMeanAndVariance() {
    RandomIterations rule = RandomIterations.parse("poisson:4:0.5");
    double mean = mean(rule, 1, 1);
    // 1 + Poisson of a log-normal of mean 3: variance 3 + 9 (e^0.25 - 1) = 5.556; draws end at 16
    assertEquals(4, mean, 0.08);
    double squares = 0;
    for (long step = 1; step <= DRAWS; step++) {
      squares += Math.pow(rule.draw(7, step, 1) - mean, 2);
    }
    assertEquals(5.556, squares / DRAWS, 0.4);
  }

  @Test
  public void theMeanRisesWithTheSteps() {
    RandomIterations rule = RandomIterations.parse("poisson:5:0.3:0.5");
    long steps = 1_000_000_000L;
    assertEquals("nothing yet", 1, mean(rule, 1, steps), 0.01);
    assertEquals("half of the rise", 3, mean(rule, steps / 4, steps), 0.06);
    assertEquals("done", 5, mean(rule, steps * 3 / 4, steps), 0.08);
  }

  @Test
  public void drawsDependOnSeedAndStepOnly() {
    RandomIterations rule = RandomIterations.parse("poisson:3");
    for (long step = 1; step < 50; step++) {
      assertEquals(rule.draw(3, step, 100), RandomIterations.parse("poisson:3").draw(3, step, 100));
    }
    assertFalse(RandomIterations.parse("fixed").random());
    assertEquals(0, RandomIterations.parse("fixed").draw(1, 1, 1));
  }

  @Test
  public void refusesOtherRules() {
    for (String wrong :
        List.of(
            "uniform:0..2", "uniform:3..2", "uniform:1..1001", "poisson:0", "poisson", "often")) {
      String message =
          assertThrows(RigException.class, () -> RandomIterations.parse(wrong)).getMessage();
      assertTrue(message, message.contains("'random_iterations' is " + wrong));
    }
  }
}
