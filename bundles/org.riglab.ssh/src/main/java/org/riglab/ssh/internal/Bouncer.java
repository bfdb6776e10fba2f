package org.riglab.ssh.internal;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the numbers of authenticated and of unauthenticated connections. A new unauthenticated
 * connection is always accepted. Above the limit, the oldest one of the address that has most of
 * them is closed, first one that has sent nothing, so that idle connections cannot block logins.
 */
final class Bouncer implements SessionListener {
  /** Connections that are logging in. */
  static final int MOST_LOGGING_IN = 32;

  private static final Logger LOG = LoggerFactory.getLogger(Bouncer.class);

  private final Supplier<List<? extends Session>> sessions;
  private final int most;
  private final List<Session> unauthenticated = new ArrayList<>();

  /**
   * @param sessions all that there are
   * @param most that may be logged in
   */
  Bouncer(Supplier<List<? extends Session>> sessions, int most) {
    this.sessions = sessions;
    this.most = most;
  }

  @Override
  public void sessionCreated(Session session) {
    Session much = null;
    synchronized (unauthenticated) {
      unauthenticated.add(session);
      if (unauthenticated.size() > MOST_LOGGING_IN) {
        much = oneTooMany();
        unauthenticated.remove(much);
      }
    }
    if (much != null) {
      LOG.debug("{} has not logged in, and others wait: it is closed", much);
      much.close(true);
    }
  }

  private Session oneTooMany() {
    Map<String, Long> counts =
        unauthenticated.stream()
            .collect(Collectors.groupingBy(Bouncer::host, Collectors.counting()));
    String host =
        counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    // The list is in the order in which they came, and the sort is stable.
    return unauthenticated.stream()
        .filter(s -> host(s).equals(host))
        .min(Comparator.comparing(s -> s.getClientVersion() != null))
        .orElseThrow();
  }

  private static String host(Session session) {
    return session.getRemoteAddress() instanceof InetSocketAddress internet
        ? internet.getHostString()
        : String.valueOf(session.getRemoteAddress());
  }

  @Override
  public void sessionEvent(Session session, Event event) {
    if (event != Event.Authenticated) {
      return;
    }
    synchronized (unauthenticated) {
      unauthenticated.remove(session);
    }
    long others = sessions.get().stream().filter(s -> s != session && s.isAuthenticated()).count();
    if (others >= most) {
      LOG.warn("more than {} SSH connections at once: one is refused", most);
      session.close(true);
    }
  }

  @Override
  public void sessionClosed(Session session) {
    synchronized (unauthenticated) {
      unauthenticated.remove(session);
    }
  }
}
