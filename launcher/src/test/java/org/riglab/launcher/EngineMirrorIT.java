package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/**
 * {@code rig gpu setup} of a distribution with a mirror in Maven's settings, which has none of the
 * artifacts: Maven's libraries must work inside their bundle.
 */
public final class EngineMirrorIT {
  private static final int NOT_FOUND = 404;
  private static final int UNAVAILABLE = 8;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void asksTheMirrorOfMavensSettings() throws Exception {
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    HttpServer mirror =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    mirror.createContext(
        "/maven/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(NOT_FOUND, -1);
          exchange.close();
        });
    mirror.start();
    try {
      String url = "http://127.0.0.1:%d/maven".formatted(mirror.getAddress().getPort());
      Path user = folder.newFolder("user").toPath();
      Files.writeString(
          Files.createDirectories(user.resolve(".m2")).resolve("settings.xml"),
          "<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors></settings>"
              .formatted(url));
      Path home = folder.getRoot().toPath().resolve("home");
      Path err = folder.newFile().toPath();
      ProcessBuilder setup =
          new ProcessBuilder(
                  ScratchDistribution.built().resolve("bin/rig").toString(),
                  "--home",
                  home.toString(),
                  "gpu",
                  "setup")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile());
      setup.environment().put("RIG_JAVA_OPTS", "-Duser.home=" + user);
      Process process = setup.start();
      assertTrue("still running", process.waitFor(2, TimeUnit.MINUTES));
      String said = Files.readString(err, StandardCharsets.UTF_8);
      assertEquals(said, UNAVAILABLE, process.exitValue());
      assertTrue(said, said.startsWith("rig: no Maven repository has org.bytedeco:pytorch:"));
      assertTrue(said, said.contains(url + " (not there)"));
      assertEquals(asked.toString(), 1, asked.size());
      assertTrue(asked.toString(), asked.get(0).endsWith("-linux-x86_64-gpu.jar"));
      assertFalse(
          "a refused set-up configures nothing", Files.exists(home.resolve("config/engine.json")));
    } finally {
      mirror.stop(0);
    }
  }
}
