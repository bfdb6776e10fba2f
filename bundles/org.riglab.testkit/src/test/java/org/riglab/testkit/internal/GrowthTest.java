package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.function.LongUnaryOperator;
import org.junit.Test;

public class GrowthTest {
  private static final long MIB = 1 << 20;

  private long memory;
  private int rounds;

  /** Rounds of ten steps; growth of 0.1 MiB per step counts. */
  private Growth growth(LongUnaryOperator ofRound) {
    return Growth.measure(
        MIB / 10, 10, () -> memory += ofRound.applyAsLong(++rounds), () -> memory);
  }

  @Test
  public void whatEndsIsNoLeak() {
    assertFalse(growth(round -> round <= 6 ? 50 * MIB : 0).leak());
    assertEquals(7, rounds);
  }

  @Test
  public void whatDoesNotGrowTakesOneRound() {
    Growth growth = growth(round -> 0);
    assertFalse(growth.leak());
    assertEquals(10, growth.steps());
  }

  @Test
  public void whatGrowsInEachRoundIsALeakAlsoIfItIsSmall() {
    Growth growth = growth(round -> 3 * MIB);
    assertTrue(growth.leak());
    assertEquals(3 * MIB / 10, growth.perStep());
    assertFalse("less than what counts", growth(round -> 2 * MIB).leak());
  }
}
