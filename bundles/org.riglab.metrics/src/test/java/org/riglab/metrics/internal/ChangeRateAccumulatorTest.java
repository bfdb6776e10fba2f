package org.riglab.metrics.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.SplittableRandom;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.metric.Metric;

public class ChangeRateAccumulatorTest {
  private static double rate(ChangeRateAccumulator accumulator) {
    return accumulator.result().values().get("changeRate");
  }

  @Test
  public void isTheShareOfPixelsThatDiffer() {
    ChangeRateAccumulator accumulator = new ChangeRateAccumulator();
    assertEquals(Double.NaN, rate(accumulator), 0);
    accumulator.add(new byte[] {1, 2, 3, (byte) 200}, new byte[] {1, 0, 3, 4}, 2, 2);
    assertEquals(2 / 4.0, rate(accumulator), 0);
    accumulator.add(new byte[6], new byte[6], 1, 6);
    assertEquals(2 / 10.0, rate(accumulator), 0);
  }

  @Test
  public void comparesWithThePreviousIteration() {
    assertEquals(Metric.Against.PREVIOUS_ITERATION, new ChangeRateMetric().against());
    assertEquals(Metric.Against.LABEL, new ConfusionMetric().against());
    assertEquals(Metric.Against.LABEL, new BoundaryMetric().against());
  }

  @Test
  public void mergesToWhatOnePassGives() {
    SplittableRandom random = new SplittableRandom(5);
    ChangeRateAccumulator whole = new ChangeRateAccumulator();
    ChangeRateAccumulator[] parts = {new ChangeRateAccumulator(), new ChangeRateAccumulator()};
    for (int n = 0; n < 20; n++) {
      RandomMaps maps = RandomMaps.of(random, 3, 7, 9);
      whole.add(maps.prediction(), maps.label(), 7, 9);
      parts[random.nextInt(2)].add(maps.prediction(), maps.label(), 7, 9);
    }
    parts[0].merge(parts[1]);
    assertEquals(whole.result(), parts[0].result());
    assertThrows(IllegalArgumentException.class, () -> whole.merge(new ConfusionAccumulator(3)));
  }

  @Test
  public void refusesMapsOfOtherSizes() {
    ChangeRateAccumulator accumulator = new ChangeRateAccumulator();
    assertThrows(RigException.class, () -> accumulator.add(new byte[4], new byte[3], 2, 2));
  }
}
