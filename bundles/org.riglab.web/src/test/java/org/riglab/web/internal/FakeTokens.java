package org.riglab.web.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;

/** Tokens in memory: the secret of role viewer is {@code viewer-secret}. */
final class FakeTokens implements Tokens {
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
    throw new AssertionError("nobody makes tokens over HTTP");
  }

  @Override
  public List<Token> list() {
    return new ArrayList<>(bySecret.values());
  }

  @Override
  public void revoke(String id) {
    bySecret.values().removeIf(token -> token.id().equals(id));
  }

  @Override
  public Optional<Token> find(String secret) {
    return Optional.ofNullable(bySecret.get(secret));
  }

  @Override
  public Optional<Token> valid(String id) {
    return bySecret.values().stream().filter(token -> token.id().equals(id)).findFirst();
  }
}
