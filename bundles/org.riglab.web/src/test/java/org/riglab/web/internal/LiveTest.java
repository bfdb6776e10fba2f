package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.lab.LabListener.Point;
import org.riglab.api.lab.Run;

public class LiveTest {
  private static final int PATIENCE_MILLIS = 20_000;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final List<Watching> open = new ArrayList<>();
  private TestServer server;

  /** A client that watches. */
  private final class Watching {
    final Socket socket = new Socket();
    final BufferedReader in;

    Watching(String query, int buffer) throws IOException {
      open.add(this);
      if (buffer > 0) {
        socket.setReceiveBufferSize(buffer);
      }
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new java.net.InetSocketAddress("127.0.0.1", server.port()));
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/live"
                      + query
                      + " HTTP/1.1\r\nHost: localhost\r\n"
                      + "Authorization: Bearer viewer-secret\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8));
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next message's type and data. */
    String next() throws IOException {
      String event = "";
      while (true) {
        String line = in.readLine();
        if (line == null) {
          throw new IOException("closed");
        }
        if (line.startsWith("event: ")) {
          event = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          return event + " " + line.substring("data: ".length());
        }
      }
    }

    String line() throws IOException {
      return in.readLine();
    }
  }

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
    server.lab.add("a", Run.State.RUNNING, Map.of());
    server.lab.add("b", Run.State.RUNNING, Map.of());
  }

  @After
  public void stop() throws Exception {
    for (Watching watching : open) {
      watching.socket.close();
    }
    server.close();
  }

  private static void await(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue("waited in vain for " + what, System.nanoTime() < end);
      Thread.onSpinWait();
    }
  }

  private String metric(String name) {
    try {
      return server
          .get("viewer", "/metrics")
          .body()
          .lines()
          .filter(l -> l.startsWith(name + " "))
          .findFirst()
          .orElseThrow()
          .substring(name.length() + 1);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  public void tellsPointsOfTheRunAndProgressOfOthers() throws Exception {
    Watching one = new Watching("?run=1", 0);
    Watching all = new Watching("", 0);
    await("both", () -> metric("riglab_watchers").equals("2"));
    server.lab.step(
        1,
        new Run.Progress(2, 10, 5, 1.5),
        List.of(new Point("loss", 1, 0.5), new Point("loss", 2, 0.25), new Point("lr", 2, 1e-3)));
    String progress =
        "{\"run\":1,\"progress\":{\"done\":2,\"total\":10,\"imagesPerSecond\":5.0,"
            + "\"secondsLeft\":1.5}";
    String points = one.next();
    assertTrue(points, points.startsWith("points " + progress.substring(0, progress.length())));
    assertTrue(points, points.contains("\"loss\":{"));
    assertTrue(points, points.contains("\"value\":[0.5,0.25]") && points.contains("[0.001]"));
    assertEquals("progress " + progress + "}", all.next());
    server.lab.step(2, new Run.Progress(1, 10, 5, 9), List.of(new Point("loss", 1, 1)));
    assertTrue(one.next().startsWith("progress {\"run\":2,"));
    server.lab.state(2, Run.State.DONE);
    assertTrue(all.next().startsWith("progress {\"run\":2,"));
    String event = all.next();
    assertTrue(event, event.startsWith("event {\"sequence\":1,"));
    assertTrue(event, event.contains("\"run\":2,\"type\":\"state\",\"text\":\"done\""));
    server.lab.listeners.forEach(l -> l.missed());
    assertEquals("missed {}", all.next());
  }

  @Test
  public void aSlowClientIsDroppedAndHoldsNobodyUp() throws Exception {
    Watching slow = new Watching("?run=1", 4096);
    assertEquals("HTTP/1.1 200 OK", slow.line());
    List<Point> many = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      many.add(new Point("metric-" + i, i, i));
    }
    int sent = 0;
    while (metric("riglab_watchers_dropped_total").equals("0")) {
      // Far more than any buffer between here and there.
      assertTrue(sent++ < 2000);
      server.lab.step(1, new Run.Progress(sent, 4000, 1, 1), many);
    }
    assertEquals("0", metric("riglab_watchers"));
    Watching quick = new Watching("?run=1", 0);
    await("the quick one", () -> metric("riglab_watchers").equals("1"));
    server.lab.step(1, new Run.Progress(3000, 4000, 1, 1), List.of(new Point("loss", 3000, 1)));
    assertTrue(quick.next().contains("\"done\":3000"));
  }

  @Test
  public void fiftyGetEverything() throws Exception {
    List<Watching> watchers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      watchers.add(new Watching("?run=1", 0));
    }
    await("all", () -> metric("riglab_watchers").equals("50"));
    for (int step = 1; step <= 20; step++) {
      server.lab.step(1, new Run.Progress(step, 20, 1, 1), List.of(new Point("loss", step, step)));
    }
    for (Watching watcher : watchers) {
      for (int step = 1; step <= 20; step++) {
        String message = watcher.next();
        assertTrue(message, message.contains("\"step\":[" + step + "]"));
      }
    }
    for (Watching watcher : watchers) {
      watcher.socket.close();
    }
    // Who has gone is found out when there is something to tell.
    await(
        "all to be gone",
        () -> {
          server.lab.step(1, new Run.Progress(20, 20, 1, 1), List.of(new Point("loss", 20, 1)));
          return metric("riglab_watchers").equals("0");
        });
  }

  @Test
  public void whoseTokenIsRevokedWatchesNoLonger() throws Exception {
    Watching watching = new Watching("", 0);
    await("the watcher", () -> metric("riglab_watchers").equals("1"));
    server.web.live().beat();
    while (!watching.line().equals(":")) {
      // The answer's head comes before the first beat.
      continue;
    }
    server.tokens.revoke("id-viewer");
    server.web.live().beat();
    while (!watching.line().equals("0")) {
      // What had been sent before; an empty chunk is the end of the answer.
      continue;
    }
    assertEquals(0, server.web.live().watching());
  }

  @Test
  public void aDamagedTokensFileEndsNoHeartbeat() throws Exception {
    Watching watching = new Watching("", 0);
    await("the watcher", () -> metric("riglab_watchers").equals("1"));
    server.tokens.damaged = true;
    server.web.live().beat();
    server.web.live().beat();
    server.web.live().missed();
    assertEquals("open, but not told", 1, server.web.live().watching());
    server.tokens.damaged = false;
    server.web.live().beat();
    assertEquals("missed {}", watching.next());
    server.tokens.revoke("id-viewer");
    // Without another beat, and nothing is told meanwhile.
    server.web.live().missed();
    assertEquals(0, server.web.live().watching());
  }

  @Test
  public void revokedStreamsEndBetweenBeats() throws Exception {
    new Watching("", 0);
    await("the watcher", () -> metric("riglab_watchers").equals("1"));
    server.tokens.revoke("id-viewer");
    await("the end of the stream", () -> server.web.live().watching() == 0);
  }

  @Test
  public void signingOutEndsTheStreamsOfTheSession() throws Exception {
    new Watching("", 0);
    java.net.http.HttpResponse<String> in =
        server.json("", "POST", "/api/v1/session", "{\"token\": \"viewer-secret\"}");
    String cookie = in.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    String csrf = in.body().replaceAll(".*\"csrf\":\"([^\"]+)\".*", "$1");
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nCookie: " + cookie + "\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8));
      await("both", () -> server.web.live().watching() == 2);
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
      assertEquals("the other one stays", 1, server.web.live().watching());
    }
  }

  @Test
  public void beginsWithWhatWasMissedSinceAnAnswer() throws Exception {
    String before = messages();
    server.lab.step(1, new Run.Progress(2, 10, 5, 1.5), List.of(new Point("loss", 2, 1)));
    String after = messages();
    Watching late = new Watching("?run=1&since=" + before, 0);
    assertEquals("missed {}", late.next());
    Watching early = new Watching("?since=" + after, 0);
    Watching plain = new Watching("", 0);
    await("all", () -> metric("riglab_watchers").equals("3"));
    server.lab.state(1, Run.State.DONE);
    assertTrue(early.next().startsWith("event "));
    assertTrue(plain.next().startsWith("event "));
    assertEquals(400, server.get("viewer", "/api/v1/live?since=x").statusCode());
  }

  private String messages() throws Exception {
    return server
        .get("viewer", "/api/v1/runs")
        .headers()
        .firstValue("X-Rig-Messages")
        .orElseThrow();
  }

  @Test
  public void tooManyAreRefused() throws Exception {
    for (int i = 0; i < Live.MOST_PER_TOKEN; i++) {
      new Watching("", 0);
    }
    await("all", () -> metric("riglab_watchers").equals("" + Live.MOST_PER_TOKEN));
    assertEquals("HTTP/1.1 503 Service Unavailable", new Watching("", 0).line());
    assertEquals(400, server.get("viewer", "/api/v1/live?run=x").statusCode());
  }
}
