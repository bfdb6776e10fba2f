package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class SessionsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

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

  @Test
  public void lastsOverARestart() throws Exception {
    Path file = folder.getRoot().toPath().resolve("access/sessions.json");
    Sessions before = new Sessions(() -> now, new SessionFile(file));
    Sessions.Session session = before.begin("t");
    Sessions.Session ended = before.begin("t");
    before.end(ended.id());
    String stored = Files.readString(file);
    assertFalse("no cookie can be made of it", stored.contains(session.id()));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));

    now = 1_000_000; // another process, another clock
    Sessions after = new Sessions(() -> now, new SessionFile(file));
    assertEquals("t", after.find(session.id()).orElseThrow().token());
    assertEquals(session.csrf(), after.find(session.id()).orElseThrow().csrf());
    assertTrue(after.find(ended.id()).isEmpty());
    assertTrue(after.find("anything").isEmpty());

    Files.writeString(file, "{");
    assertTrue(new Sessions(() -> now, new SessionFile(file)).find(session.id()).isEmpty());
  }
}
