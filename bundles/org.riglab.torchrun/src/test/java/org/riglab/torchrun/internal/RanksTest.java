package org.riglab.torchrun.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.riglab.base.Json;

/** Two processes that the test plays. */
public class RanksTest {
  private static final Map<String, ?> STEP = Map.of("op", "step");

  private final List<Socket> played = new ArrayList<>();
  private Ranks ranks;

  @Before
  public void connect() throws IOException {
    List<Rank> connections = new ArrayList<>();
    try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 2; i++) {
        played.add(new Socket(server.getInetAddress(), server.getLocalPort()));
        connections.add(new Rank(server.accept()));
      }
    }
    ranks = new Ranks(connections);
  }

  @After
  public void close() throws IOException {
    ranks.close();
    for (Socket socket : played) {
      socket.close();
    }
  }

  private void say(int rank, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    DataOutputStream out = new DataOutputStream(played.get(rank).getOutputStream());
    out.writeInt(bytes.length);
    out.writeLong(0);
    out.write(bytes);
  }

  private Map<Integer, Map<String, Object>> ask() {
    return ranks.ask(
        ranks.living(), STEP, rank -> List.of(ByteBuffer.wrap(new byte[] {(byte) (rank + 5)})));
  }

  @Test
  public void eachGetsItsOwnBytes() throws IOException {
    say(0, "{\"loss\": 1.5}");
    say(1, "{\"loss\": 1.5}");
    assertEquals(2, ask().size());
    for (int i = 0; i < 2; i++) {
      DataInputStream in = new DataInputStream(played.get(i).getInputStream());
      byte[] json = new byte[in.readInt()];
      assertEquals(1, in.readLong());
      in.readFully(json);
      assertEquals(
          "step", Json.parse(new String(json, StandardCharsets.UTF_8), "message").get("op"));
      assertEquals(i + 5, in.readByte());
    }
    assertEquals("", ranks.reason());
  }

  @Test
  public void aProcessThatEndsIsTheReasonAlsoIfTheOthersFailFirst() throws IOException {
    say(0, "{\"error\": \"RuntimeError: Connection closed by peer\"}");
    played.get(1).close();
    assertTrue(ask().isEmpty());
    assertEquals("process 2 of 2: it has ended", ranks.reason());
    assertEquals(List.of(0), ranks.living());
  }

  @Test
  public void aProcessThatFailsAloneReleasesTheOthers() throws IOException, InterruptedException {
    say(0, "{\"error\": \"OutOfMemoryError: no memory\"}");
    Thread other =
        new Thread(
            () -> {
              try {
                // its connection ends, so the process does, and then the other one notices
                while (played.get(0).getInputStream().read() >= 0) {
                  continue;
                }
                say(1, "{\"error\": \"RuntimeError: Connection closed by peer\"}");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    other.start();
    assertTrue(ask().isEmpty());
    other.join();
    assertEquals("process 1 of 2: OutOfMemoryError: no memory", ranks.reason());
    assertEquals(List.of(1), ranks.living());
  }

  @Test
  public void aFailureOfAllLosesNone() throws IOException {
    say(0, "{\"error\": \"ValueError: a\"}");
    say(1, "{\"error\": \"ValueError: b\"}");
    assertTrue(ask().isEmpty());
    assertEquals("process 1 of 2: ValueError: a", ranks.reason());
    assertEquals(List.of(0, 1), ranks.living());
  }

  @Test
  public void aProcessThatFailsAndEndsSaysWhy() throws IOException, InterruptedException {
    say(1, "{\"error\": \"RuntimeError: no GPU\"}");
    played.get(1).close();
    Thread later =
        new Thread(
            () -> {
              try {
                Thread.sleep(300);
                say(0, "{\"device\": \"cpu\"}");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    later.start();
    assertEquals(1, ranks.answers(ranks.living()).size());
    later.join();
    assertEquals("process 2 of 2: RuntimeError: no GPU", ranks.reason());
    assertEquals(List.of(0), ranks.living());
  }
}
