package org.riglab.web.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;

/** Tokens in memory: the secret of role viewer is {@code viewer-secret}. */
final class FakeTokens implements Tokens {
  /** Whether a line of the file is damaged. */
  volatile boolean damaged;

  private final Map<String, Token> bySecret = new ConcurrentHashMap<>();

  FakeTokens() {
    for (Role role : Role.values()) {
      bySecret.put(
          role.word() + "-secret",
          new Token("id-" + role.word(), role.word(), role, Instant.EPOCH, Instant.MAX));
    }
  }

  @Override
  public Created create(String name, Role role, int days) {
    String secret = "made-" + bySecret.size();
    Token token = new Token("id-" + secret, name, role, Instant.EPOCH, Instant.MAX);
    bySecret.put(secret, token);
    return new Created(token, secret);
  }

  private void read() {
    if (damaged) {
      throw new RigException(
          RigException.Kind.CONFLICT, "/srv/home/access/tokens line 2 is no token");
    }
  }

  @Override
  public List<Token> list() {
    read();
    return new ArrayList<>(bySecret.values());
  }

  @Override
  public void revoke(String id) {
    bySecret.values().removeIf(token -> token.id().equals(id));
  }

  @Override
  public Optional<Token> find(String secret) {
    read();
    return Optional.ofNullable(bySecret.get(secret));
  }

  @Override
  public Optional<Token> valid(String id) {
    read();
    return bySecret.values().stream().filter(token -> token.id().equals(id)).findFirst();
  }
}
