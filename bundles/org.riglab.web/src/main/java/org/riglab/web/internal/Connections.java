package org.riglab.web.internal;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.Container;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the number of connections. A new connection is always accepted. Above the limit, the
 * oldest unauthenticated connection of the address that has most of them is closed, so that a
 * client that opens many connections closes its own.
 */
@Component(service = Connections.class)
public final class Connections implements Connection.Listener, Container.Listener {
  /** Connections altogether. */
  static final int MOST = 512;

  /** Limit of unauthenticated connections per address. */
  static final int MOST_STRANGERS = 128;

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private final Map<Connection, String> strangers = new LinkedHashMap<>();
  private final Map<Connection, String> known = new LinkedHashMap<>();
  private final Map<SocketAddress, Connection> byAddress = new LinkedHashMap<>();

  /**
   * @param server whose connectors are limited, including those added later
   */
  void watch(Server server) {
    server.addEventListener(this);
    for (var connector : server.getConnectors()) {
      beanAdded(server, connector);
    }
  }

  @Override
  public void beanAdded(Container parent, Object child) {
    if (child instanceof AbstractConnector connector) {
      connector.addBean(this, false);
    }
  }

  @Override
  public void beanRemoved(Container parent, Object child) {}

  @Override
  public void onOpened(Connection connection) {
    SocketAddress address = connection.getEndPoint().getRemoteSocketAddress();
    Optional<Connection> much;
    synchronized (this) {
      strangers.put(connection, host(address));
      byAddress.put(address, connection);
      much = oneTooMany(host(address));
      much.ifPresent(this::forget);
    }
    if (much.isPresent()) {
      LOG.debug("too many connections: {} is closed", much.get());
      much.get().getEndPoint().close();
    }
  }

  private Optional<Connection> oneTooMany(String host) {
    long same = strangers.values().stream().filter(host::equals).count();
    if (same > MOST_STRANGERS) {
      return oldest(strangers, host);
    }
    if (strangers.size() + known.size() <= MOST) {
      return Optional.empty();
    }
    Map<Connection, String> from = strangers.size() > 1 ? strangers : known;
    return oldest(from, most(from));
  }

  private static Optional<Connection> oldest(Map<Connection, String> from, String host) {
    return from.entrySet().stream()
        .filter(e -> e.getValue().equals(host))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String most(Map<Connection, String> from) {
    List<String> hosts = List.copyOf(from.values());
    Set<String> different = new HashSet<>(hosts);
    return different.stream()
        .max(Comparator.comparingLong(h -> hosts.stream().filter(h::equals).count()))
        .orElseThrow();
  }

  private static String host(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        ? internet.getAddress().getHostAddress()
        : String.valueOf(address);
  }

  @Override
  public synchronized void onClosed(Connection connection) {
    forget(connection);
  }

  private void forget(Connection connection) {
    strangers.remove(connection);
    known.remove(connection);
    byAddress.values().remove(connection);
  }

  /**
   * Notes that a valid token was shown.
   *
   * @param host address of the client, of a proxy where there is one
   * @param port of the client
   */
  synchronized void shown(String host, int port) {
    Connection connection = byAddress.get(new InetSocketAddress(host, port));
    String address = connection == null ? null : strangers.remove(connection);
    if (address != null) {
      known.put(connection, address);
    }
  }

  /**
   * @return how many there are
   */
  synchronized int count() {
    return strangers.size() + known.size();
  }
}
