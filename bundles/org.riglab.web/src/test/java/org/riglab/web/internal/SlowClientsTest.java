package org.riglab.web.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.junit.rules.Timeout;
import org.riglab.api.lab.Run;

/** Clients that send or take their bytes slowly keep no thread from others. */
public class SlowClientsTest {
  /** More than the server has threads. */
  private static final int MANY = 60;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  @Rule public final Timeout hang = Timeout.seconds(60);

  private final List<Socket> open = new ArrayList<>();
  private TestServer server;

  @Before
  public void start() throws Exception {
    server = new TestServer(folder.getRoot().toPath().toRealPath());
  }

  @After
  public void stop() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    server.close();
  }

  private Socket send(String text, int receives) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    if (receives > 0) {
      socket.setReceiveBufferSize(receives);
    }
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String head(String request, String role, int length) {
    return request
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + (role.isEmpty() ? "" : "Authorization: Bearer " + role + "-secret\r\n")
        + (length == 0
            ? ""
            : "Content-Type: application/json\r\nContent-Length: " + length + "\r\n")
        + "\r\n";
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!holds.getAsBoolean()) {
      assertTrue("waited in vain for " + what, System.nanoTime() < end);
      Thread.sleep(20);
    }
  }

  private void answersOthers() throws Exception {
    assertEquals(200, server.get("", "/health").statusCode());
    assertEquals(200, server.get("viewer", "/").statusCode());
    assertEquals(200, server.get("viewer", "/api/v1/runs").statusCode());
    String token = "{\"token\": \"viewer-secret\"}";
    assertEquals(201, server.json("", "POST", "/api/v1/session", token).statusCode());
  }

  @Test
  public void bodiesOfStrangersHoldNoThread() throws Exception {
    for (int i = 0; i < MANY; i++) {
      send(head("POST /api/v1/session", "", 1000) + "{", 0);
    }
    await("those that are read", () -> server.web.bodies().arriving() == Bodies.MOST_PER_SENDER);
    answersOthers();
  }

  @Test
  public void bodiesOfKnownClientsHoldNoThread() throws Exception {
    for (int i = 0; i < MANY; i++) {
      send(head("POST /api/v1/runs", "operator", 1000) + "{", 0);
    }
    await("those that are read", () -> server.web.bodies().arriving() == Bodies.MOST_PER_SENDER);
    answersOthers();
  }

  @Test
  public void aBodyThatDripsEnds() throws Exception {
    server.close();
    long[] clock = {0};
    try (Bodies bodies = new Bodies(() -> clock[0])) {
      Drip drip = new Drip(bodies);
      try {
        Socket socket =
            new Socket("127.0.0.1", drip.port()); // one byte each second would last a quarter hour
        open.add(socket);
        socket
            .getOutputStream()
            .write((head("POST /", "", 1000) + "{").getBytes(StandardCharsets.US_ASCII));
        await("the body", () -> bodies.arriving() == 1);
        clock[0] = Bodies.PATIENCE_MILLIS;
        bodies.look();
        assertEquals("in time", 1, bodies.arriving());
        clock[0] += 1000;
        bodies.look();
        assertEquals(0, bodies.arriving());
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(answer, answer.startsWith("HTTP/1.1 408 "));
      } finally {
        drip.close();
      }
    }
  }

  @Test
  public void answersThatNobodyTakesHoldNoThread() throws Exception {
    Run run = server.lab.add("a", Run.State.DONE, Map.of());
    Path file = server.home.resolve(run.folder()).resolve("large.bin");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[8 << 20]);
    String download = head("GET /api/v1/runs/" + run.id() + "/file?name=large.bin", "viewer", 0);
    String script = head("GET /style.css", "", 0);
    for (int i = 0; i < MANY / 2; i++) {
      send(download, 4096);
      send(script.repeat(2000), 4096);
    }
    Thread.sleep(500);
    answersOthers();
  }

  @Test
  public void aDownloadArrivesWhole() throws Exception {
    Run run = server.lab.add("a", Run.State.DONE, Map.of());
    Path file = server.home.resolve(run.folder()).resolve("large.bin");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[3_000_001]);
    Socket socket =
        send(head("GET /api/v1/runs/" + run.id() + "/file?name=large.bin", "viewer", 0), 4096);
    InputStream in = socket.getInputStream();
    byte[] start = in.readNBytes(3_000_001);
    String text = new String(start, 0, 1000, StandardCharsets.ISO_8859_1);
    assertTrue(text, text.contains("Content-Length: 3000001\r\n"));
    int head = text.indexOf("\r\n\r\n") + 4;
    assertEquals(head, in.readNBytes(head).length);
  }

  @Test
  public void manyConnectionsOfStrangersEndEachOther() throws Exception {
    Socket mine = send(head("GET /api/v1/runs", "viewer", 0), 0);
    assertEquals('H', mine.getInputStream().read());
    for (int i = 0; i < Connections.MOST_STRANGERS + 50; i++) {
      send("GET / HT", 0);
    }
    // The known one, and the strangers that are let in.
    await(
        "the rest to be closed",
        () -> server.connections.count() <= 1 + Connections.MOST_STRANGERS);
    answersOthers();
    mine.getOutputStream().write(head("GET /health", "", 0).getBytes(StandardCharsets.US_ASCII));
    mine.getInputStream().skipNBytes(20);
  }
}
