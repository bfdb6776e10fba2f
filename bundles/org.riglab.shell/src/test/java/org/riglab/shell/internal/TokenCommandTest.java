package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.After;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;

public class TokenCommandTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");

  private final List<Tokens.Token> kept = new ArrayList<>();
  private final Shell shell = new Shell(Path.of("."), new TokenCommand(new Kept()));

  private final class Kept implements Tokens {
    @Override
    public Created create(String name, Role role, int days) {
      Token token =
          new Token("0000000" + kept.size(), name, role, MADE, MADE.plus(Duration.ofDays(days)));
      kept.add(token);
      return new Created(token, "rig_secret");
    }

    @Override
    public List<Token> list() {
      return kept;
    }

    @Override
    public void revoke(String id) {
      if (!kept.removeIf(t -> t.id().equals(id))) {
        throw new RigException("there is no token '" + id + "'");
      }
    }

    @Override
    public Optional<Token> find(String secret) {
      throw new AssertionError("the command looks nobody up");
    }

    @Override
    public Optional<Token> valid(String id) {
      throw new AssertionError("the command looks nobody up");
    }
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void printsTheSecretAloneOnItsLine() throws Exception {
    assertEquals(
        "rig_secret\ntoken 00000000: operator until 2026-01-09T03:04:05Z; it is not shown again\n",
        shell.run("rig:token create --role operator --days 7 --name laptop"));
    assertEquals("laptop", kept.get(0).name());
  }

  @Test
  public void looksFor30DaysIfNothingElseIsSaid() throws Exception {
    shell.run("rig:token create");
    assertEquals(Role.VIEWER, kept.get(0).role());
    assertEquals(MADE.plus(Duration.ofDays(30)), kept.get(0).expires());
  }

  @Test
  public void listsAndRevokes() throws Exception {
    assertEquals("no tokens; 'token create' creates one\n", shell.run("rig:token list"));
    shell.run("rig:token create --name ci");
    String list = shell.run("rig:token list");
    assertTrue(list, list.contains("00000000  ci    viewer  2026-01-02T03:04:05Z"));
    assertTrue(shell.run("rig:token list --json").contains("\"role\": \"viewer\""));
    assertEquals("revoked 00000000\n", shell.run("rig:token revoke 00000000"));
    assertEquals("there is no token 'x'", shell.error("rig:token revoke x"));
  }

  @Test
  public void refusesARoleThatIsNone() throws Exception {
    assertEquals(
        "there is no role 'root'; expected viewer, operator, admin",
        shell.error("rig:token create --role root"));
    assertEquals(List.of(), kept);
  }
}
