package org.riglab.access.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens.Created;

public class TokenFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Hand clock = new Hand();
  private Path home;
  private TokenFile tokens;

  /** A clock that is set by hand. */
  private static final class Hand extends Clock {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    tokens = new TokenFile(home, clock);
  }

  @Test
  public void keepsOnlyTheDigest() throws Exception {
    Created created = tokens.create("laptop", Role.OPERATOR, 30);
    Path file = home.resolve("access/tokens");
    String text = Files.readString(file);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(created.secret().getBytes("UTF-8"));
    assertTrue(text, text.startsWith(HexFormat.of().formatHex(digest) + " operator "));
    String random = created.secret().substring("rig_".length());
    assertEquals(32, Base64.getUrlDecoder().decode(random).length);
    assertFalse(text.contains(random));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertNotEquals(created.secret(), tokens.create("laptop", Role.OPERATOR, 30).secret());
  }

  @Test
  public void expiresToTheSecond() {
    Created created = tokens.create("a", Role.VIEWER, 2);
    clock.now = clock.now.plus(Duration.ofDays(2)).minusSeconds(1);
    assertEquals(Optional.of(created.token()), tokens.find(created.secret()));
    assertEquals(Optional.of(created.token()), tokens.valid(created.token().id()));
    clock.now = clock.now.plusSeconds(1);
    assertEquals(Optional.empty(), tokens.find(created.secret()));
    assertEquals(Optional.empty(), tokens.valid(created.token().id()));
    assertEquals(List.of(created.token()), tokens.list());
  }

  @Test
  public void noticesWhatAnotherProcessChanges() {
    TokenFile other = new TokenFile(home, clock);
    Created created = other.create("a", Role.ADMIN, 1);
    assertEquals(Optional.of(created.token()), tokens.find(created.secret()));
    tokens.revoke(created.token().id());
    assertEquals(Optional.empty(), other.find(created.secret()));
    assertEquals(List.of(), other.list());
  }

  @Test
  public void findsNothingElse() {
    Created created = tokens.create("a", Role.ADMIN, 1);
    String digestAsSecret = "0".repeat(64);
    for (String wrong :
        List.of("", " ", created.secret() + "x", created.token().id(), digestAsSecret)) {
      assertEquals(wrong, Optional.empty(), tokens.find(wrong));
    }
    assertEquals(Optional.empty(), tokens.find("x".repeat(1 << 20)));
  }

  @Test
  public void refusesWithOneLine() {
    for (String name : List.of("", "a b", "a\nb", "ü", "x".repeat(65))) {
      RigException e = assertThrows(RigException.class, () -> tokens.create(name, Role.VIEWER, 1));
      assertTrue(e.getMessage(), e.getMessage().startsWith("a token's name has 1 to 64"));
    }
    for (int days : new int[] {Integer.MIN_VALUE, 0, 3651, Integer.MAX_VALUE}) {
      RigException e =
          assertThrows(RigException.class, () -> tokens.create("a", Role.VIEWER, days));
      assertEquals("a token lasts 1 to 3650 days, not " + days, e.getMessage());
    }
    RigException e = assertThrows(RigException.class, () -> tokens.revoke("nobody"));
    assertEquals("there is no token 'nobody'; 'token list' names them", e.getMessage());
  }

  @Test
  public void aBrokenFileLetsNobodyIn() throws Exception {
    Created created = tokens.create("a", Role.ADMIN, 1);
    Path file = home.resolve("access/tokens");
    String good = Files.readString(file);
    Files.writeString(file, good + good.replace("admin", "root"));
    RigException e = assertThrows(RigException.class, () -> tokens.find(created.secret()));
    assertTrue(e.getMessage(), e.getMessage().contains("line 2 is no token"));
    assertThrows(RigException.class, () -> tokens.create("b", Role.VIEWER, 1));
    Files.writeString(file, good);
    assertEquals(Optional.of(created.token()), tokens.find(created.secret()));
  }

  @Test
  public void manyAtOnceLoseNone() throws Exception {
    TokenFile other = new TokenFile(home, clock);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Created>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(threads.submit(() -> tokens.create("a", Role.VIEWER, 1)));
      }
      for (Future<Created> created : all) {
        created.get();
      }
    } finally {
      threads.shutdown();
    }
    assertEquals(10, other.list().size());
  }
}
