package org.riglab.plugins.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;

public class MavenRepositoriesTest {
  private static final long MOST = 1 << 20;
  private static final String GATE = "com.example:my-gate:1.0.0";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path root;
  private Path jar;
  private Path to;

  @Before
  public void fill() throws Exception {
    root = folder.newFolder("repository").toPath();
    Path directory = Files.createDirectories(root.resolve("com/example/my-gate/1.0.0"));
    jar = Jars.in(directory).write("my-gate-1.0.0.jar");
    to = folder.newFile().toPath();
  }

  private String file() {
    return root.toUri().toString();
  }

  private String refused(String coordinate, String... repositories) {
    String line =
        assertThrows(
                RigException.class,
                () -> new MavenRepositories(List.of(repositories), MOST).fetch(coordinate, to))
            .getMessage();
    assertEquals(line, 1, line.lines().count());
    return line;
  }

  private void checksum(String algorithm, String suffix, String after) throws Exception {
    String digest =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(jar)));
    Files.writeString(jar.resolveSibling(jar.getFileName() + suffix), digest + after);
  }

  @Test
  public void fetchesFromAFolder() throws Exception {
    MavenRepositories repositories = new MavenRepositories(List.of(file()), MOST);
    assertEquals(
        root.toUri().resolve("com/example/my-gate/1.0.0/my-gate-1.0.0.jar").toString(),
        repositories.fetch(GATE, to));
    assertEquals(-1, Files.mismatch(jar, to));
    checksum("SHA-1", ".sha1", "  my-gate-1.0.0.jar\n");
    repositories.fetch(GATE, to);
    // The stronger one counts.
    Files.writeString(jar.resolveSibling("my-gate-1.0.0.jar.sha256"), "0".repeat(64));
    assertTrue(refused(GATE, file()).contains("my-gate-1.0.0.jar is damaged: its SHA-256 is "));
  }

  @Test
  public void saysWhereItLooked() throws Exception {
    String other = folder.newFolder("other").toURI().toString();
    assertEquals(
        "no repository has com.example:my-gate:2.0.0: %s (not there), %s (not there)"
            .formatted(file(), other),
        refused("com.example:my-gate:2.0.0", file(), other));
    assertEquals("no repository has " + GATE + ": none is configured", refused(GATE));
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    String unreachable = refused(GATE, "http://127.0.0.1:" + nobody);
    assertTrue(
        unreachable,
        unreachable.contains("http://127.0.0.1:%d/ (ConnectException".formatted(nobody)));
    assertEquals(
        "no repository has %s: https://repository.invalid/ (no such host, or no network)"
            .formatted(GATE),
        refused(GATE, "https://repository.invalid/"));
    assertEquals(
        "'com.example:my-gate:[1,2)' is not a single version; expected group:artifact:1.0.0",
        refused("com.example:my-gate:[1,2)", file()));
    assertEquals(
        "configuration org.riglab.plugins: repository 'http://192.0.2.1/' is not safe to use;"
            + " expected a file: or https: address",
        refused(GATE, "http://192.0.2.1/"));
    assertTrue(refused(GATE, "a b"), refused(GATE, "a b").contains("'a b' is no address"));
  }

  @Test
  public void knowsCoordinates() {
    assertTrue(MavenRepositories.isCoordinate(GATE));
    for (String no :
        List.of(
            "gate.jar", "/a:b:c", "a:b", "a:b:c:d", "..:b:1", "a:../b:1", "a:b:../1", "C:\\a:b")) {
      assertFalse(no, MavenRepositories.isCoordinate(no));
    }
  }

  @Test
  public void fetchesOverHttpWithAChecksumOnly() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Path file = root.resolve(exchange.getRequestURI().getPath().substring(1));
          try (exchange) {
            if (exchange.getRequestURI().getPath().contains("broken")) {
              exchange.sendResponseHeaders(500, -1);
            } else if (Files.isRegularFile(file)) {
              byte[] bytes = Files.readAllBytes(file);
              exchange.sendResponseHeaders(200, bytes.length);
              exchange.getResponseBody().write(bytes);
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    server.start();
    try {
      String address = "http://127.0.0.1:" + server.getAddress().getPort();
      String at = address + "/com/example/my-gate/1.0.0/my-gate-1.0.0.jar";
      assertEquals(at + " has no checksum file (.sha256, .sha1)", refused(GATE, address));
      checksum("SHA-1", ".sha1", "");
      assertEquals(
          at, new MavenRepositories(List.of(address + "/none", address), MOST).fetch(GATE, to));
      assertEquals(-1, Files.mismatch(jar, to));
      assertEquals(
          at + " is larger than 0 MiB",
          assertThrows(
                  RigException.class,
                  () -> new MavenRepositories(List.of(address), 10).fetch(GATE, to))
              .getMessage());
      checksum("SHA-256", ".sha256", "");
      Files.write(jar, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
      assertTrue(refused(GATE, address).startsWith(at + " is damaged: its SHA-256 is "));
      assertTrue(refused(GATE, address + "/broken").endsWith("/broken/ (HTTP status 500)"));
      assertTrue(
          refused("com.example:my-gate:1.0.0-SNAPSHOT", address)
              .endsWith("(snapshots come from file repositories only)"));
    } finally {
      server.stop(0);
    }
  }
}
