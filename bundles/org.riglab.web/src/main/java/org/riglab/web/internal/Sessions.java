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
import org.riglab.base.Sha256;

/**
 * Sessions of browsers that signed in with a token. A session ends with its token. Sessions survive
 * a restart of the server in a file that contains the SHA-256 of their cookies.
 */
final class Sessions {
  /** A session ends after so long without a request, and at any rate after {@link #LONGEST}. */
  static final Duration IDLE = Duration.ofHours(2);

  static final Duration LONGEST = Duration.ofHours(12);

  /** Sessions of one token; a further one ends the oldest. */
  static final int PER_TOKEN = 20;

  /** How often the last use of sessions is written. */
  private static final Duration WRITTEN_EVERY = Duration.ofMinutes(5);

  private static final int SECRET_BYTES = 32;

  /** What the CSRF token is derived from, with the id: it need not be stored. */
  private static final String CSRF = "csrf ";

  private final LongSupplier clock;
  private final SecureRandom random = new SecureRandom();
  private final SessionFile file;
  private final Map<String, Session> sessions = new HashMap<>();

  /** Sessions of the file that have not been used since the start, by digest. */
  private final Map<String, SessionFile.Entry> kept;

  private long written;

  /** A browser. */
  static final class Session {
    private final String digest;
    private final String id;
    private final String token;
    private final String csrf;
    private final long began;
    private long used;

    private Session(String id, String token, long began, long used) {
      this.digest = sha256(id);
      this.id = id;
      this.token = token;
      this.csrf = sha256(CSRF + id);
      this.began = began;
      this.used = used;
    }

    /** What the cookie holds. */
    String id() {
      return id;
    }

    /** Id of the token it began with. */
    String token() {
      return token;
    }

    /** The CSRF token that the page sends with every change. */
    String csrf() {
      return csrf;
    }

    private boolean over(long now) {
      return Sessions.over(began, used, now);
    }
  }

  /**
   * @param clock milliseconds that never go back
   */
  Sessions(LongSupplier clock) {
    this(clock, new SessionFile(null));
  }

  /**
   * @param clock milliseconds that never go back
   * @param file stores sessions across restarts
   */
  Sessions(LongSupplier clock, SessionFile file) {
    this.clock = clock;
    this.file = file;
    this.kept = file.read(clock.getAsLong());
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
    Session session = new Session(secret(), token, now, now);
    sessions.put(session.id(), session);
    write();
    return session;
  }

  /**
   * @param id what a cookie holds; may be anything
   * @return the session, if there is one; it is then fresh
   */
  synchronized Optional<Session> find(String id) {
    long now = clock.getAsLong();
    Session session = sessions.get(id);
    if (session == null) {
      SessionFile.Entry entry = kept.remove(sha256(id));
      if (entry == null) {
        return Optional.empty();
      }
      session = new Session(id, entry.token(), entry.began(), entry.used());
      sessions.put(id, session);
    }
    if (session.over(now)) {
      sessions.remove(id);
      write();
      return Optional.empty();
    }
    session.used = now;
    if (now - written >= WRITTEN_EVERY.toMillis()) {
      write();
    }
    return Optional.of(session);
  }

  /**
   * @param id of the session to end
   */
  synchronized void end(String id) {
    kept.remove(sha256(id));
    sessions.remove(id);
    write();
  }

  private static boolean over(long began, long used, long now) {
    return now - used >= IDLE.toMillis() || now - began >= LONGEST.toMillis();
  }

  private void write() {
    written = clock.getAsLong();
    kept.values().removeIf(entry -> over(entry.began(), entry.used(), written));
    Map<String, SessionFile.Entry> all = new HashMap<>(kept);
    sessions.forEach((id, s) -> all.put(s.digest, new SessionFile.Entry(s.token, s.began, s.used)));
    file.write(all, written);
  }

  private static String sha256(String text) {
    return Sha256.of(text);
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
