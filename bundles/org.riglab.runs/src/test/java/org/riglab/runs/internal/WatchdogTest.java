package org.riglab.runs.internal;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.Test;
import org.riglab.api.lab.Health.Check;
import org.riglab.api.lab.Health.Status;
import org.riglab.runs.internal.Watchdog.Sample;

/** What the watchdog makes of a disk. */
public class WatchdogTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final long GIB = 1L << 30;

  private static Check disk(int count, IntToLongFunction free) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(new Sample(i * MINUTE, free.applyAsLong(i)));
    }
    return Watchdog.disk(samples.get(count - 1).free(), samples, GIB);
  }

  @Test
  public void twoSamplesAreNoTrend() {
    assertEquals(Status.OK, disk(2, i -> 100 * GIB - 20 * GIB * i).status());
    assertEquals(Status.OK, disk(Watchdog.TREND_SAMPLES - 1, i -> 100 * GIB - i * GIB).status());
  }

  @Test
  public void aSteadyFallIsOne() {
    Check check = disk(30, i -> 91 * GIB - i * GIB);
    assertEquals(Status.WARN, check.status());
    // 62 GiB are left, 61 above the least, and 60 are lost in an hour.
    assertEquals("62 GiB free, decreasing: 1.0 h left at this rate", check.text());
  }

  @Test
  public void whatComesAndGoesIsNone() {
    assertEquals(Status.OK, disk(30, i -> (i == 29 ? 60 : 90) * GIB).status());
    assertEquals(Status.OK, disk(31, i -> (i % 2 == 0 ? 60 : 90) * GIB).status());
    assertEquals(Status.OK, disk(60, i -> 900 * GIB - i * (GIB / 10)).status());
  }

  @Test
  public void tooLittleIsCritical() {
    assertEquals(Status.CRITICAL, disk(1, i -> GIB / 2).status());
    assertEquals(Status.WARN, disk(1, i -> GIB + GIB / 2).status());
  }
}
