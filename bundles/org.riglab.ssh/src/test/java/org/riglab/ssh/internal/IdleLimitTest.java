package org.riglab.ssh.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;
import org.osgi.util.converter.Converters;
import org.riglab.api.RigException;

public class IdleLimitTest {
  private static Optional<Duration> limit(Map<String, Object> configuration) {
    return IdleLimit.of(Converters.standardConverter().convert(configuration).to(Settings.class))
        .map(IdleLimit::duration);
  }

  @Test
  public void isADuration() {
    assertEquals(Optional.of(Duration.ofSeconds(30)), limit(Map.of("idle", "30s")));
    assertEquals(Optional.of(Duration.ofMinutes(15)), limit(Map.of("idle", "15m")));
    assertEquals(Optional.of(Duration.ofHours(2)), limit(Map.of("idle", "2h")));
    assertEquals(Optional.empty(), limit(Map.of("idle", "0")));
    assertEquals(Optional.empty(), limit(Map.of("idle", "0s")));
  }

  @Test
  public void minutesCountWhereThereIsNoDuration() {
    assertEquals(Optional.of(Duration.ofMinutes(60)), limit(Map.of()));
    assertEquals(Optional.of(Duration.ofMinutes(5)), limit(Map.of("idle.minutes", 5)));
    assertEquals(Optional.empty(), limit(Map.of("idle.minutes", 0)));
    assertEquals(
        Optional.of(Duration.ofSeconds(5)), limit(Map.of("idle.minutes", 7, "idle", "5s")));
  }

  @Test
  public void anythingElseIsRefused() {
    for (String wrong : new String[] {"15", "-5m", "1.5h", "soon", "9999999s", "15 m"}) {
      assertEquals(
          "org.riglab.ssh: idle is '"
              + wrong
              + "'; it must be a duration such as 30s, 15m or 2h, or 0 for no limit",
          assertThrows(RigException.class, () -> limit(Map.of("idle", wrong))).getMessage());
    }
  }
}
