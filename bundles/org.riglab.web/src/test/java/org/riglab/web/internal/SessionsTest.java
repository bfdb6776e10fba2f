package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class SessionsTest {
  private long now;
  private final Sessions sessions = new Sessions(() -> now);

  @Test
  public void endsWhenNobodyUsesIt() {
    Sessions.Session session = sessions.begin("t");
    now += Sessions.IDLE.toMillis() - 1;
    assertTrue(sessions.find(session.id()).isPresent());
    now += Sessions.IDLE.toMillis();
    assertTrue(sessions.find(session.id()).isEmpty());
    now = 0;
    assertTrue("gone for good", sessions.find(session.id()).isEmpty());
  }

  @Test
  public void endsInTheEnd() {
    Sessions.Session session = sessions.begin("t");
    while (now + 1000 < Sessions.LONGEST.toMillis()) {
      assertTrue(sessions.find(session.id()).isPresent());
      now += Math.min(3_600_000, Sessions.LONGEST.toMillis() - now - 1);
    }
    now = Sessions.LONGEST.toMillis();
    assertTrue(sessions.find(session.id()).isEmpty());
  }

  @Test
  public void aTokenHasSoManyAndTheOldestGoes() {
    Sessions.Session other = sessions.begin("other");
    Sessions.Session oldest = sessions.begin("t");
    for (int i = 0; i < Sessions.PER_TOKEN - 1; i++) {
      now++;
      sessions.begin("t");
    }
    assertTrue(sessions.find(oldest.id()).isPresent());
    now++;
    Sessions.Session last = sessions.begin("t");
    assertTrue(sessions.find(oldest.id()).isEmpty());
    assertTrue(sessions.find(last.id()).isPresent());
    assertTrue(sessions.find(other.id()).isPresent());
    assertEquals(43, last.id().length());
  }
}
