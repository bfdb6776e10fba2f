package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;

import java.util.Optional;
import org.junit.Test;

public class NativeGrowthTest {
  private static final long MIB = 1 << 20;

  private final NativeGrowth growth = new NativeGrowth();

  private Optional<String> sample(long step, long resident, long heap, long used) {
    return growth.sample(step, resident * MIB, heap * MIB, used * MIB);
  }

  @Test
  public void namesWhatGrowsStepByStep() {
    assertEquals(Optional.empty(), sample(0, 900, 500, 100)); // before the first step
    assertEquals(Optional.empty(), sample(1, 1000, 500, 200)); // native: 500 to 800
    for (int step = 2; step <= 6; step++) {
      assertEquals(Optional.empty(), sample(step, 1000 + 100 * (step - 1), 500, 200));
    }
    assertEquals(
        Optional.of("native memory has grown by 300 MiB or more in 6 steps and is not freed"),
        sample(7, 1600, 500, 200)); // native: 1100 or more
  }

  @Test
  public void aHeapThatGrowsIsNoLeak() {
    sample(1, 1000, 500, 200);
    for (int step = 2; step < 30; step++) {
      assertEquals(Optional.empty(), sample(step, 1000 + 100L * step, 500 + 100L * step, 300));
    }
  }

  @Test
  public void anEmptyHeapThatFillsIsNoLeak() {
    sample(1, 1000, 4000, 200);
    for (int step = 2; step < 30; step++) {
      assertEquals(Optional.empty(), sample(step, 1000 + 100L * step, 4000, 200 + 100L * step));
    }
  }

  @Test
  public void aCacheThatIsFullIsNoLeak() {
    sample(1, 1000, 500, 200);
    assertEquals(Optional.empty(), sample(2, 2000, 500, 200));
    for (int step = 3; step < 30; step++) {
      assertEquals(Optional.empty(), sample(step, 2000, 500, 200));
    }
  }
}
