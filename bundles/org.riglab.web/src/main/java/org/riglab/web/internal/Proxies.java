package org.riglab.web.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/**
 * Reverse proxies that are trusted to report the original request: scheme, host and client address
 * in {@code Forwarded} (RFC 7239), or in {@code X-Forwarded-Proto}, {@code -Host} and {@code -For}.
 * Headers from any other address are ignored, since every client can send them.
 */
final class Proxies {
  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F:.]+");
  private static final Pattern PAIR =
      Pattern.compile("\\s*(\\w+)\\s*=\\s*(\"[^\"]*\"|[^;\\s]*)\\s*");

  private final List<Network> trusted;

  /** Addresses that share their first bits. */
  private record Network(byte[] address, int bits) {
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /** One hop as its proxy saw it; null where the proxy did not report it. */
  private record Hop(String client, String scheme, String host) {}

  /**
   * @param trusted IP addresses, or networks in CIDR notation such as {@code 10.0.0.0/8}
   * @throws RigException if one of them is neither
   */
  Proxies(Collection<String> trusted) {
    this.trusted = trusted.stream().map(Proxies::network).toList();
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
    int all = address.length * 8;
    String bits = slash < 0 ? Integer.toString(all) : text.substring(slash + 1);
    if (address.length == 0 || !bits.matches("\\d{1,3}") || Integer.parseInt(bits) > all) {
      throw new RigException(
          "configuration org.riglab.web: proxies has '%s'; give an IP address or a network such as 10.0.0.0/8"
              .formatted(text));
    }
    return new Network(address, Integer.parseInt(bits));
  }

  /** The address of a literal; empty for anything else. Host names are never resolved. */
  private static byte[] bytes(String literal) {
    try {
      return ADDRESS.matcher(literal).matches()
          ? InetAddress.getByName(literal).getAddress()
          : new byte[0];
    } catch (UnknownHostException e) {
      return new byte[0];
    }
  }

  private boolean trusts(String address) {
    byte[] bytes = bytes(address);
    return trusted.stream().anyMatch(network -> network.contains(bytes));
  }

  /**
   * @param request as it arrived
   * @return the request as the first trusted proxy received it; the same request if it was not sent
   *     through a trusted proxy
   */
  HttpServletRequest original(HttpServletRequest request) {
    if (trusted.isEmpty() || !trusts(request.getRemoteAddr())) {
      return request;
    }
    Hop hop = null;
    String client = request.getRemoteAddr();
    // Each proxy appends: the last element is the nearest proxy's. Elements beyond the first
    // address that is no trusted proxy may have been sent by the client.
    for (Hop next : hops(request)) {
      hop = next;
      if (next.client() == null) {
        break;
      }
      client = next.client();
      if (!trusts(client)) {
        break;
      }
    }
    return hop == null ? request : new Forwarded(request, hop, client);
  }

  /** The hops, the nearest proxy's first. */
  private static List<Hop> hops(HttpServletRequest request) {
    List<Hop> hops = new ArrayList<>();
    List<String> forwarded = elements(request, "Forwarded");
    for (String element : forwarded) {
      Map<String, String> pairs = new TreeMap<>();
      Matcher matcher = PAIR.matcher(element);
      while (matcher.find()) {
        pairs.put(matcher.group(1).toLowerCase(Locale.ROOT), matcher.group(2).replace("\"", ""));
      }
      hops.add(new Hop(address(pairs.get("for")), pairs.get("proto"), pairs.get("host")));
    }
    if (forwarded.isEmpty()) {
      List<String> clients = elements(request, "X-Forwarded-For");
      List<String> schemes = elements(request, "X-Forwarded-Proto");
      List<String> hosts = elements(request, "X-Forwarded-Host");
      int count = Math.max(clients.size(), Math.max(schemes.size(), hosts.size()));
      for (int i = 0; i < count; i++) {
        // Proxies often replace scheme and host rather than append to them.
        hops.add(new Hop(address(at(clients, i)), last(schemes, i), last(hosts, i)));
      }
    }
    return hops;
  }

  private static String at(List<String> list, int i) {
    return i < list.size() ? list.get(i) : null;
  }

  private static String last(List<String> list, int i) {
    return list.isEmpty() ? null : list.get(Math.min(i, list.size() - 1));
  }

  /** The address of a node: without brackets and port; null for {@code unknown} and names. */
  private static String address(String node) {
    if (node == null) {
      return null;
    }
    String address = node.strip();
    if (address.startsWith("[")) {
      address = address.substring(1, Math.max(1, address.indexOf(']')));
    } else if (address.indexOf(':') == address.lastIndexOf(':')) {
      address = address.replaceFirst(":\\d+$", "");
    }
    return bytes(address).length > 0 ? address : null;
  }

  private static List<String> elements(HttpServletRequest request, String header) {
    List<String> elements = new ArrayList<>();
    for (String line : Collections.list(request.getHeaders(header))) {
      Arrays.stream(line.split(",")).map(String::strip).forEach(elements::add);
    }
    elements.removeIf(String::isEmpty);
    Collections.reverse(elements);
    return elements;
  }

  /** A request as the proxy received it. */
  private static final class Forwarded extends HttpServletRequestWrapper {
    private final Hop hop;
    private final String client;

    Forwarded(HttpServletRequest request, Hop hop, String client) {
      super(request);
      this.hop = hop;
      this.client = client;
    }

    @Override
    public String getRemoteAddr() {
      return client;
    }

    @Override
    public boolean isSecure() {
      return hop.scheme() == null ? super.isSecure() : hop.scheme().equalsIgnoreCase("https");
    }

    @Override
    public String getScheme() {
      return isSecure() ? "https" : "http";
    }

    @Override
    public String getHeader(String name) {
      return name.equalsIgnoreCase("Host") && hop.host() != null
          ? hop.host()
          : super.getHeader(name);
    }
  }
}
