package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import jakarta.servlet.http.HttpServletRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.base.Json;

/** A server behind a proxy that terminates TLS. */
public class ProxiesTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static HttpServletRequest request(String from, Map<String, List<String>> headers) {
    return Stub.of(
        HttpServletRequest.class,
        Map.of(
            "getRemoteAddr",
            a -> from,
            "isSecure",
            a -> false,
            "getHeaders",
            a ->
                Collections.enumeration(
                    headers.getOrDefault(((String) a[0]).toLowerCase(Locale.ROOT), List.of())),
            "getHeader",
            a -> a[0].equals("Host") ? "10.0.0.9:8090" : null));
  }

  private static String seen(Proxies proxies, String from, Map<String, List<String>> headers) {
    HttpServletRequest seen = proxies.original(request(from, headers));
    return "%s %s %s"
        .formatted(
            seen.isSecure() ? "https" : "http", seen.getHeader("Host"), seen.getRemoteAddr());
  }

  @Test
  public void trustedProxyReportsSchemeHostAndClient() {
    Proxies proxies = new Proxies(List.of("10.0.0.1", "fd00::/8"));
    String expected = "https lab.example 203.0.113.7";
    assertEquals(
        expected,
        seen(
            proxies,
            "10.0.0.1",
            Map.of("forwarded", List.of("for=203.0.113.7;proto=https;host=lab.example"))));
    assertEquals(
        expected,
        seen(
            proxies,
            "fd00::12",
            Map.of(
                "x-forwarded-for", List.of("203.0.113.7"),
                "x-forwarded-proto", List.of("https"),
                "x-forwarded-host", List.of("lab.example"))));
    assertEquals(
        "https 10.0.0.9:8090 2001:db8::1",
        seen(
            proxies,
            "10.0.0.1",
            Map.of("forwarded", List.of("For=\"[2001:db8::1]:4711\";Proto=HTTPS"))));
  }

  @Test
  public void onlyTheHopsOfTrustedProxiesCount() {
    Proxies proxies = new Proxies(List.of("10.0.0.0/24"));
    // The client made up the first element; 10.0.0.2 appended the second, 10.0.0.1 the third.
    assertEquals(
        "https lab.example 203.0.113.7",
        seen(
            proxies,
            "10.0.0.1",
            Map.of(
                "forwarded",
                List.of(
                    "for=192.0.2.1;proto=http;host=evil.example,"
                        + " for=203.0.113.7;proto=https;host=lab.example",
                    "for=10.0.0.2;proto=http;host=inner"))));
    assertEquals(
        "http 10.0.0.9:8090 10.0.0.1",
        seen(proxies, "10.0.0.1", Map.of("forwarded", List.of("for=unknown"))));
  }

  @Test
  public void anybodyElseIsNotBelieved() {
    HttpServletRequest direct =
        request(
            "203.0.113.7", Map.of("x-forwarded-proto", List.of("https"), "forwarded", List.of()));
    assertSame(direct, new Proxies(List.of("10.0.0.1")).original(direct));
    assertSame(direct, new Proxies(List.of()).original(direct));
  }

  @Test
  public void whatIsNoNetworkIsNamed() {
    for (String wrong : List.of("proxy.example", "10.0.0.0/33", "", "10.0.0.0/x")) {
      RigException e = assertThrows(RigException.class, () -> new Proxies(List.of(wrong)));
      assertTrue(e.getMessage(), e.getMessage().contains("'" + wrong + "'"));
    }
  }

  @Test
  public void aPostThroughTlsIsTakenAndItsCookieIsSecure() throws Exception {
    try (TestServer server = new TestServer(folder.getRoot().toPath().toRealPath())) {
      HttpResponse<String> in =
          server.send(
              server
                  .request("", "/api/v1/session")
                  .header("Content-Type", "application/json")
                  .header("X-Forwarded-Proto", "https")
                  .header("X-Forwarded-Host", "lab.example")
                  .header("Origin", "https://lab.example")
                  .POST(BodyPublishers.ofString("{\"token\": \"operator-secret\"}")));
      assertEquals(in.body(), 201, in.statusCode());
      String cookie = in.headers().firstValue("Set-Cookie").orElse("");
      assertTrue(cookie, cookie.startsWith("__Host-") && cookie.contains("; Secure"));
      assertTrue(in.headers().firstValue("Strict-Transport-Security").isPresent());

      HttpResponse<String> foreign =
          server.send(
              server
                  .request("", "/api/v1/session")
                  .header("Content-Type", "application/json")
                  .header("X-Forwarded-Proto", "https")
                  .header("X-Forwarded-Host", "lab.example")
                  .header("Origin", "http://lab.example")
                  .POST(BodyPublishers.ofString("{\"token\": \"operator-secret\"}")));
      assertEquals(403, foreign.statusCode());
      Map<String, Object> error = Json.parse(foreign.body(), "the answer");
      assertFalse(error.toString(), error.get("error").toString().isBlank());
    }
  }
}
