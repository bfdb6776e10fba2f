package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Run;
import org.riglab.base.Json;

/** What hostile requests get. */
public class SecurityTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  @Rule public final TemporaryFolder elsewhere = new TemporaryFolder();

  private TestServer server;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
    server.lab.add("first", Run.State.DONE, Map.of());
  }

  @After
  public void stop() throws Exception {
    server.close();
  }

  /** A training that an operator submits, with options or a grid. */
  private static HttpResponse<String> train(TestServer server, String member, String value)
      throws Exception {
    String body =
        "{\"kind\": \"train\", \"network\": \"rig\", \"%s\": %s}".formatted(member, value);
    return server.json("operator", "POST", "/api/v1/runs", body);
  }

  private static void refused(int status, HttpResponse<String> answer) {
    assertEquals(answer.body(), status, answer.statusCode());
    refused(answer.body(), status);
  }

  private static void refused(String body, int status) {
    Map<String, Object> error = Json.parse(body, "the answer");
    assertEquals((long) status, error.get("status"));
    String line = (String) error.get("error");
    assertTrue(line, !line.isBlank() && line.indexOf('\n') < 0 && !line.contains("Exception"));
  }

  @Test
  public void everythingButHealthAndLoginNeedsAToken() throws Exception {
    for (Route route : server.web.routes()) {
      String path = route.template().replaceAll("\\{\\w+\\}", "1");
      boolean open =
          List.of("/health", "/login", "/login.js", "/style.css", "/rig.svg").contains(path)
              || (route.method() + path).equals("POST/api/v1/session");
      HttpResponse<String> answer = server.json("", route.method(), path, "{}");
      if (open) {
        assertTrue(path, answer.statusCode() < 500 && answer.statusCode() != 401);
      } else {
        refused(401, answer);
      }
      headers(answer);
    }
  }

  private static void headers(HttpResponse<?> answer) {
    String policy = answer.headers().firstValue("Content-Security-Policy").orElse("");
    assertTrue(policy, policy.startsWith("default-src 'none'; script-src 'self'; "));
    assertFalse(policy, policy.contains("unsafe"));
    assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertEquals("DENY", answer.headers().firstValue("X-Frame-Options").orElse(""));
    assertEquals("no-referrer", answer.headers().firstValue("Referrer-Policy").orElse(""));
  }

  @Test
  public void aRoleOpensItsRoutesOnly() throws Exception {
    for (Route route : server.web.routes()) {
      if (route.role() == Role.VIEWER || route.method().equals("GET")) {
        continue;
      }
      String path = route.template().replaceAll("\\{\\w+\\}", "1");
      refused(403, server.json("viewer", route.method(), path, "{}"));
      int operator = server.json("operator", route.method(), path, "{}").statusCode();
      assertEquals(path, route.role() == Role.ADMIN, operator == 403);
    }
    assertEquals(List.of(), server.lab.requests);
  }

  @Test
  public void wrongTokensAreCountedAndRightOnesPass() throws Exception {
    for (int i = 0; i < FailureLimit.FAILURES; i++) {
      refused(401, server.get("guess-" + i, "/api/v1/runs"));
    }
    HttpResponse<String> answer = server.get("guess", "/api/v1/runs");
    refused(429, answer);
    assertTrue(Integer.parseInt(answer.headers().firstValue("Retry-After").get()) <= 60);
    refused(429, server.json("", "POST", "/api/v1/session", "{\"token\": \"guess\"}"));
    assertEquals(200, server.get("viewer", "/api/v1/runs").statusCode());
  }

  @Test
  public void aLinkSignsInOnceFromThisMachineOnly() throws Exception {
    String body = "{\"once\": \"" + server.links.get() + "\"}";
    for (String header : List.of("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP")) {
      String value = header.equals("Forwarded") ? "for=10.0.0.7" : "10.0.0.7";
      refused(
          403,
          server.send(
              server
                  .request("", "/api/v1/session")
                  .header("Content-Type", "application/json")
                  .header(header, value)
                  .POST(BodyPublishers.ofString(body))));
    }
    refused(
        403,
        server.send(
            server
                .request("", "/api/v1/session")
                .header("Content-Type", "application/json")
                .header("Origin", "http://evil.example")
                .POST(BodyPublishers.ofString(body))));
    HttpResponse<String> in = server.json("", "POST", "/api/v1/session", body);
    assertEquals(in.body(), 201, in.statusCode());
    assertEquals("admin", Json.parse(in.body(), "the session").get("role"));
    refused(401, server.json("", "POST", "/api/v1/session", body));
    String late = "{\"once\": \"" + server.links.get() + "\"}";
    server.time.addAndGet(Links.LIFE.toMillis());
    refused(401, server.json("", "POST", "/api/v1/session", late));
    refused(401, server.json("", "POST", "/api/v1/session", "{\"once\": \"guess\"}"));
    assertEquals(
        "one token was made",
        1,
        server.tokens.list().stream().filter(t -> t.name().equals("first-visit")).count());
  }

  @Test
  public void aSessionIsOfNoUseToAnotherSite() throws Exception {
    HttpResponse<String> in =
        server.json("", "POST", "/api/v1/session", "{\"token\": \"operator-secret\"}");
    assertEquals(201, in.statusCode());
    String set = in.headers().firstValue("Set-Cookie").get();
    assertTrue(set, set.contains("; HttpOnly") && set.contains("; SameSite=Strict"));
    String cookie = set.substring(0, set.indexOf(';'));
    String csrf = (String) Json.parse(in.body(), "the answer").get("csrf");
    String path = "/api/v1/runs/1/replay";
    refused(403, server.send(post(path).header("Cookie", cookie)));
    refused(403, server.send(post(path).header("Cookie", cookie).header("X-Rig-Csrf", "x")));
    refused(
        403,
        server.send(
            post(path)
                .header("Cookie", cookie)
                .header("X-Rig-Csrf", csrf)
                .header("Origin", "https://evil.example")));
    refused(
        403,
        server.send(
            post(path)
                .header("Cookie", cookie)
                .header("X-Rig-Csrf", csrf)
                .header("Sec-Fetch-Site", "cross-site")));
    assertEquals(
        200,
        server
            .send(
                post(path)
                    .header("Cookie", cookie)
                    .header("X-Rig-Csrf", csrf)
                    .header("Origin", server.url("")))
            .statusCode());
    server.tokens.revoke("id-operator");
    refused(401, server.send(server.request("", "/api/v1/runs").header("Cookie", cookie)));
  }

  private java.net.http.HttpRequest.Builder post(String path) {
    return server.request("", path).POST(BodyPublishers.noBody());
  }

  @Test
  public void signingOutEndsTheSession() throws Exception {
    HttpResponse<String> in =
        server.json("", "POST", "/api/v1/session", "{\"token\": \"viewer-secret\"}");
    String cookie = in.headers().firstValue("Set-Cookie").get().split(";")[0];
    String csrf = (String) Json.parse(in.body(), "the answer").get("csrf");
    assertEquals(
        204,
        server
            .send(
                server
                    .request("", "/api/v1/session")
                    .header("Cookie", cookie)
                    .header("X-Rig-Csrf", csrf)
                    .DELETE())
            .statusCode());
    refused(401, server.send(server.request("", "/api/v1/runs").header("Cookie", cookie)));
  }

  @Test
  public void damagedTokensAreTheServersFault() throws Exception {
    server.tokens.damaged = true;
    for (HttpResponse<String> answer :
        List.of(
            server.get("viewer", "/api/v1/runs"),
            server.json("", "POST", "/api/v1/session", "{\"token\": \"viewer-secret\"}"))) {
      refused(503, answer);
      assertFalse(answer.body(), answer.body().contains("/srv/home"));
    }
    server.checks.add(new Checks.TokenStates(server.tokens));
    HttpResponse<String> health = server.get("", "/health");
    assertEquals(503, health.statusCode());
    assertTrue(health.body(), health.body().contains("\"tokenstates\":\"critical\""));
    assertFalse(health.body(), health.body().contains("/srv/home"));
  }

  /** Sends bytes as they are, and returns status and body. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static String head(String role, String target, int length) {
    return "POST "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + role
        + "-secret\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  /** Reads the head of an answer, and passes over its body. */
  private static String answer(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      assertTrue("the connection ended after '" + bytes + "'", next >= 0);
      bytes.write(next);
    }
    String head = bytes.toString(StandardCharsets.ISO_8859_1);
    Matcher length = Pattern.compile("(?i)\r\ncontent-length: (\\d+)").matcher(head);
    assertTrue(head, length.find());
    in.skipNBytes(Integer.parseInt(length.group(1)));
    return head;
  }

  @Test
  public void aBodyThatComesAfterItsAnswerIsTakenIn() throws Exception {
    server.lab.add("failed", Run.State.FAILED, Map.of());
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      out.write(head("operator", "/api/v1/runs/2/retry", 2).getBytes(StandardCharsets.US_ASCII));
      String retried = answer(in);
      assertTrue(retried, retried.startsWith("HTTP/1.1 2") && !retried.contains("close"));
      out.write(("{}" + head("viewer", "/api/v1/plugins", 2 << 20)).getBytes("US-ASCII"));
      String refused = answer(in);
      assertTrue(refused, refused.startsWith("HTTP/1.1 403 "));
      assertTrue(refused, refused.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n"));
      out.write(new byte[2 << 20]);
      assertEquals("neither reset nor left open", -1, in.read());
    }
  }

  private static String get(String target, String host) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: "
        + host
        + "\r\nAuthorization: Bearer admin-secret\r\nConnection: close\r\n\r\n";
  }

  @Test
  public void aReboundNameIsRefused() throws Exception {
    for (String host : List.of("evil.example", "localhost.evil.example", "127.0.0.1.nip.io:80")) {
      String answer = raw(get("/api/v1/runs", host));
      assertTrue(answer, answer.startsWith("HTTP/1.1 421 "));
      refused(answer.substring(answer.indexOf("\r\n\r\n")), 421);
    }
    for (String host : List.of("localhost:" + server.port(), "[::1]", "LAB.example", "10.0.0.7")) {
      assertTrue(host, raw(get("/api/v1/runs", host)).startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  public void noPathLeadsOut() throws Exception {
    for (String target :
        List.of(
            "/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..%2f..%2fetc%2fpasswd",
            "/%252e%252e/etc/passwd",
            "/..;/etc/passwd",
            "//etc/passwd",
            "/api/v1/runs/1/%00",
            "/api/v1//runs",
            "/api/v1/runs/..%5c..",
            "/%c0%ae%c0%ae/",
            "/%zz",
            "/%",
            "/x;jsessionid=1",
            "/" + "a/".repeat(600))) {
      String answer = raw(get(target, "localhost"));
      assertTrue(target + " " + answer, answer.startsWith("HTTP/1.1 400 "));
      refused(answer.substring(answer.indexOf("\r\n\r\n")), 400);
    }
  }

  @Test
  public void whatIsNotHttpIsRefusedInTheSameForm() throws Exception {
    for (String request :
        List.of(
            "BAD\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n",
            "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "DELETE /api/v1/plugins/%F1%94%A0%BD5%14%0C HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: close\r\n\r\n",
            "PUT /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
      String answer = raw(request);
      assertTrue(answer, answer.matches("(?s)HTTP/1.1 4\\d\\d .*"));
      refused(
          answer.substring(answer.indexOf("\r\n\r\n")), Integer.parseInt(answer.substring(9, 12)));
      assertTrue(answer, answer.contains("X-Content-Type-Options: nosniff"));
    }
  }

  @Test
  public void filesOfARunOnlyByTheirNames() throws Exception {
    Path run = Files.createDirectories(server.home.resolve("runs/first-1"));
    Files.writeString(run.resolve("log.txt"), "a log");
    Path secret = Files.writeString(elsewhere.getRoot().toPath().resolve("secret"), "secret");
    Files.createSymbolicLink(run.resolve("link"), secret);
    Files.createSymbolicLink(run.resolve("inside"), run.resolve("log.txt"));
    String path = "/api/v1/runs/1/file?name=";
    HttpResponse<String> file = server.get("viewer", path + "log.txt");
    assertEquals("a log", file.body());
    assertEquals(
        "attachment; filename=\"log.txt\"", file.headers().firstValue("Content-Disposition").get());
    for (String name :
        List.of(
            "link",
            "inside",
            "",
            ".",
            "..",
            "../../access/tokens",
            "..%2F..%2Faccess%2Ftokens",
            "%2e%2e/x",
            secret.toString(),
            "log.txt%2F",
            "./log.txt",
            "LOG.TXT")) {
      refused(404, server.get("viewer", path + name));
    }
    refused(400, server.get("viewer", path + "log.txt%00"));
  }

  @Test
  public void aSubmittedRunNamesNoFileOutside() throws Exception {
    Path outside = elsewhere.getRoot().toPath().toRealPath();
    Path link = Files.createSymbolicLink(server.home.resolve("link"), outside);
    for (String options :
        List.of(
            "{\"data\": \"/etc\"}",
            "{\"data\": \"" + outside + "\"}",
            "{\"data\": \"" + link + "\"}",
            "{\"data\": \"" + server.home + "/../\"}",
            "{\"data\": \"relative\"}",
            "{\"data\": \"" + server.home + "\"}",
            "{\"recipe\": \"" + server.home + "/config/web.json\"}",
            "{\"recipe\": \"/etc/x.json\"}",
            "{\"recipe\": \"x.json\"}",
            "{\"coarse\": \"passwd.txt\"}",
            "{\"loss\": \"coarse-to-fine:table=x.json\"}",
            "{\"loss\": \"coarse-to-fine:table=/etc/x.json\"}",
            "{\"loss\": {\"name\": \"coarse-to-fine\", \"table\": \"x.json\"}}",
            "{\"dataset\": {\"name\": \"folder\", \"images\": \"../x\"}}",
            // However an option is spelt.
            "{\"DATA\": \"relative\"}",
            "{\"Coarse\": \"passwd.txt\"}",
            "{\"RECIPE\": \"x.json\"}")) {
      refused(400, train(server, "options", options));
    }
    refused(400, train(server, "grid", "{\"data\": [\"/etc\"]}"));
    assertEquals(List.of(), server.lab.requests);
    Path data = Files.createDirectories(server.home.resolve("files/camvid"));
    String options = "{\"data\": \"" + data + "\", \"recipe\": \"paper\"}";
    assertEquals(201, train(server, "options", options).statusCode());
  }

  /** An operator may not execute code as the account of the server, also not a file in data. */
  @Test
  public void aSubmittedRunNamesNoProgram() throws Exception {
    Path program = server.home.resolve("files/python.sh");
    Files.createDirectories(program.getParent());
    Files.writeString(program, "#!/bin/sh\ntouch here\n");
    Path recipe = server.home.resolve("files/recipe.json");
    String named = "{\"recipe\": \"" + recipe + "\"}";
    for (String text :
        List.of(
            "{\"python\": \"" + program + "\"}",
            "{\"about\": \"a/b\", \"data\": \"/etc\"}",
            "{\"loss\": \"coarse-to-fine:table=/etc/x.json\"}")) {
      Files.writeString(recipe, text);
      refused(400, train(server, "options", text));
      refused(400, train(server, "options", named));
    }
    for (String value : List.of("python3", "./python.sh", "env")) {
      for (String key : List.of("python", "PYTHON", "Python")) {
        String grid = "{\"%s\": [\"auto\", \"%s\"]}".formatted(key, value);
        refused(400, train(server, "grid", grid));
      }
    }
    assertEquals(List.of(), server.lab.requests);
    Files.writeString(recipe, "{\"about\": \"a/b\", \"lr\": 0.1, \"python\": \"auto\"}");
    assertEquals(201, train(server, "options", named).statusCode());
  }

  @Test
  public void theConfigurationAddsDirectories() throws Exception {
    TestServer open =
        new TestServer(
            folder.newFolder().toPath().toRealPath(),
            elsewhere.getRoot().toString(),
            "/nowhere/at/all");
    try {
      Path set = elsewhere.newFolder("voc").toPath();
      String options = "{\"data\": \"%s\"}";
      assertEquals(201, train(open, "options", options.formatted(set)).statusCode());
      refused(400, train(open, "options", options.formatted(set + "/..//..")));
      refused(400, train(open, "options", options.formatted("/nowhere")));
    } finally {
      open.close();
    }
  }

  @Test
  public void jsonBombs() throws Exception {
    String runs = "/api/v1/runs";
    for (String body :
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{} {}",
            "{\"kind\": \"train\", \"kind\": \"eval\"}",
            "{\"options\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}",
            "{\"options\": " + "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000) + "}",
            "{\"priority\": 1e400}",
            "{\"priority\": " + "9".repeat(100_000) + "}",
            "{\"priority\": 1.5, \"kind\": \"train\"}",
            "{\"priority\": 99999999999999999999}",
            "{\"kind\": 3}",
            "{\"kind\": \"train\", \"seeds\": \"all\"}",
            "{\"nobody\": 1}",
            "{\"kind\": \"\\ud800\"}",
            "{'kind': 'train'}",
            "{\"kind\": NaN}")) {
      refused(400, server.json("operator", "POST", runs, body));
    }
    refused(413, server.json("operator", "POST", runs, " ".repeat((1 << 20) + 1) + "{}"));
    refused(
        400,
        server.send(
            server
                .request("operator", runs)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(new byte[] {'{', (byte) 0xff, '}'}))));
    refused(
        415,
        server.send(
            server
                .request("operator", runs)
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString("{}"))));
    refused(415, server.send(server.request("operator", runs).POST(BodyPublishers.ofString("{}"))));
    assertEquals(List.of(), server.lab.requests);
  }

  private HttpResponse<String> upload(String role, String path, String type, byte[] body)
      throws Exception {
    return server.send(
        server
            .request(role, path)
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body)));
  }

  @Test
  public void zipBombs() throws Exception {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bomb)) {
      zip.putNextEntry(new ZipEntry("zeros"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 200; i++) {
        zip.write(zeros);
      }
      zip.closeEntry();
    }
    String type = "application/java-archive";
    refused(413, upload("admin", "/api/v1/plugins", type, bomb.toByteArray()));
    ByteArrayOutputStream slip = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(slip)) {
      zip.putNextEntry(new ZipEntry("../../access/tokens"));
      zip.closeEntry();
    }
    refused(400, upload("admin", "/api/v1/plugins", type, slip.toByteArray()));
    refused(400, upload("admin", "/api/v1/plugins", type, new byte[0]));
    refused(400, upload("admin", "/api/v1/plugins", type, "PK\3\4 no".getBytes("UTF-8")));
    refused(415, upload("admin", "/api/v1/plugins", "text/html", new byte[1]));
    refused(413, upload("admin", "/api/v1/plugins", type, new byte[(64 << 20) + 1]));
    assertEquals(List.of(), server.installed);
    try (var left = Files.list(server.home.resolve("cache/uploads"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  public void aGoodJarIsInstalledAndItsFileGone() throws Exception {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(jar)) {
      zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      zip.write("Manifest-Version: 1.0\n".getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    HttpResponse<String> answer =
        upload("admin", "/api/v1/plugins", "application/java-archive", jar.toByteArray());
    assertEquals(answer.body(), 201, answer.statusCode());
    assertEquals(1, server.installed.size());
    assertFalse(Files.exists(Path.of(server.installed.get(0))));
    assertTrue(server.get("viewer", "/api/v1/plugins").body().contains("\"new-gate\""));
    refused(404, server.get("viewer", "/api/v1/plugins/other-gate"));
    assertTrue(server.get("viewer", "/api/v1/plugins/new-gate").body().contains("is gone"));
  }

  /** A PNG's head that promises so many pixels. */
  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] chunk = new byte[17];
    java.nio.ByteBuffer.wrap(chunk)
        .put("IHDR".getBytes(StandardCharsets.US_ASCII))
        .putInt(width)
        .putInt(height)
        .put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(chunk);
    out.write(new byte[] {0, 0, 0, 13});
    out.write(chunk);
    out.write(java.nio.ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    return out.toByteArray();
  }

  @Test
  public void pngBombs() throws Exception {
    String path = "/api/v1/networks/rig/predict";
    refused(413, upload("operator", path, "image/png", png(60_000, 60_000)));
    refused(413, upload("operator", path, "image/png", png(8000, 8000)));
    refused(413, upload("operator", path, "image/png", png(1, Integer.MAX_VALUE)));
    refused(400, upload("operator", path, "image/png", png(0, 5)));
    refused(400, upload("operator", path, "image/png", "no picture".getBytes("UTF-8")));
    refused(413, upload("operator", path, "image/png", new byte[(16 << 20) + 1]));
    refused(404, upload("operator", "/api/v1/networks/x/predict", "image/png", png(2, 2)));
    HttpResponse<String> fine = upload("operator", path, "image/png", png(2, 2));
    assertEquals(fine.body(), 200, fine.statusCode());
    assertEquals("image/png", fine.headers().firstValue("Content-Type").get());
  }

  @Test
  public void methodsThatNobodyAnswers() throws Exception {
    for (String method : List.of("TRACE", "OPTIONS", "PROPFIND")) {
      String answer = raw(get("/api/v1/runs", "localhost").replaceFirst("GET", method));
      assertTrue(answer, answer.startsWith("HTTP/1.1 405 "));
      if (!method.equals("TRACE")) {
        assertTrue(answer, answer.contains("\r\nAllow: GET, POST\r\n"));
      }
    }
    HttpResponse<String> answer = server.json("admin", "PATCH", "/api/v1/runs", "{}");
    refused(405, answer);
    assertEquals("GET, POST", answer.headers().firstValue("Allow").get());
    // Some methods of a path are answered without a token, others not.
    HttpResponse<String> open = server.json("admin", "PUT", "/health", "{}");
    refused(405, open);
    assertEquals("GET", open.headers().firstValue("Allow").get());
    refused(405, server.json("", "PUT", "/health", "{}"));
    refused(401, server.json("", "PATCH", "/api/v1/runs", "{}"));
    HttpResponse<String> session = server.json("admin", "PATCH", "/api/v1/session", "{}");
    refused(405, session);
    assertEquals("DELETE, GET, POST", session.headers().firstValue("Allow").get());
    refused(404, server.get("admin", "/api/v2/runs"));
    refused(404, server.get("admin", "/.git/config"));
  }
}
