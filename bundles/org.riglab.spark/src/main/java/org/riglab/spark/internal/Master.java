package org.riglab.spark.internal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * The URL of a master.
 *
 * @param url of Spark
 * @param addresses of masters, HOST:PORT; empty for threads of the driver
 */
record Master(String url, List<String> addresses) {
  private static final Pattern LOCAL = Pattern.compile("local(\\[(\\d{1,4}|\\*)])?");
  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
  private static final String SCHEME = "spark://";
  private static final int MILLISECONDS = 5_000;

  /**
   * @param url as typed
   * @return the URL
   * @throws RigException INVALID if it is none
   */
  static Master parse(String url) {
    if (LOCAL.matcher(url).matches()) {
      return new Master(url, List.of());
    }
    List<String> addresses =
        url.startsWith(SCHEME) ? List.of(url.substring(SCHEME.length()).split(",", -1)) : List.of();
    if (addresses.isEmpty()
        || !addresses.stream().allMatch(a -> ADDRESS.matcher(a).matches() && port(a) <= 65_535)) {
      throw new RigException(
          url.isEmpty()
              ? "--engine spark needs --master, for example --master spark://HOST:7077"
              : "'%s' is not the URL of a Spark master; right is spark://HOST:PORT or local[N]"
                  .formatted(url));
    }
    return new Master(url, addresses);
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Whether executors are threads of the driver. */
  boolean local() {
    return addresses.isEmpty();
  }

  /** Whether the only master is on this machine and not seen from others. */
  boolean loopback() {
    return addresses.stream()
        .allMatch(a -> a.startsWith("127.") || a.startsWith("localhost:") || a.startsWith("[::1]"));
  }

  /**
   * @throws RigException UNAVAILABLE if no master accepts connections
   */
  void requireReachable() {
    List<String> reasons = new ArrayList<>();
    for (String address : addresses) {
      Matcher parts = ADDRESS.matcher(address);
      if (!parts.matches()) {
        throw new IllegalStateException(address);
      }
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(parts.group(1).replaceAll("[\\[\\]]", ""), port(address)),
            MILLISECONDS);
        return;
      } catch (IOException e) {
        reasons.add(
            address
                + (e.getMessage() == null
                    ? ""
                    : ": " + e.getMessage().lines().findFirst().orElse("")));
      }
    }
    if (!local()) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "no Spark master answers at %s".formatted(String.join(", ", reasons)));
    }
  }
}
