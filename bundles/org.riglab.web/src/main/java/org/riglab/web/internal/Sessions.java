package org.riglab.web.internal;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Browsers that came in with a token. Kept in memory: a restart of the server ends them all, and a
 * session is of no use once its token is not.
 */
final class Sessions {
  /** A session ends after so long without a request, and at any rate after {@link #LONGEST}. */
  static final Duration IDLE = Duration.ofHours(2);

  static final Duration LONGEST = Duration.ofHours(12);

  /** Sessions of one token; a further one ends the oldest. */
  static final int PER_TOKEN = 20;

  private static final int SECRET_BYTES = 32;

  private final LongSupplier clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> sessions = new HashMap<>();

  /** A browser. */
  static final class Session {
    private final String id;
    private final String token;
    private final String csrf;
    private final long began;
    private long used;

    private Session(String id, String token, String csrf, long now) {
      this.id = id;
      this.token = token;
      this.csrf = csrf;
      this.began = now;
      this.used = now;
    }

    /** What the cookie holds. */
    String id() {
      return id;
    }

    /** Id of the token it began with. */
    String token() {
      return token;
    }

    /** What the page sends with every change, and another site cannot know. */
    String csrf() {
      return csrf;
    }

    private boolean over(long now) {
      return now - used >= IDLE.toMillis() || now - began >= LONGEST.toMillis();
    }
  }

  /**
   * @param clock milliseconds that never go back
   */
  Sessions(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * @param token id of the token that was shown
   * @return a new session
   */
  synchronized Session begin(String token) {
    long now = clock.getAsLong();
    sessions.values().removeIf(s -> s.over(now));
    List<Session> same = new ArrayList<>();
    for (Session session : sessions.values()) {
      if (session.token().equals(token)) {
        same.add(session);
      }
    }
    if (same.size() >= PER_TOKEN) {
      same.sort((a, b) -> Long.compare(a.began, b.began));
      sessions.remove(same.get(0).id());
    }
    Session session = new Session(secret(), token, secret(), now);
    sessions.put(session.id(), session);
    return session;
  }

  /**
   * @param id what a cookie holds; may be anything
   * @return the session, if there is one; it is then fresh
   */
  synchronized Optional<Session> find(String id) {
    long now = clock.getAsLong();
    Session session = sessions.get(id);
    if (session == null || session.over(now)) {
      sessions.remove(id);
      return Optional.empty();
    }
    session.used = now;
    return Optional.of(session);
  }

  /**
   * @param id of the session to end
   */
  synchronized void end(String id) {
    sessions.remove(id);
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
