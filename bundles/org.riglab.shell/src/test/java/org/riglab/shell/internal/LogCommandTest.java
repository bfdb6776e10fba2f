package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class LogCommandTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path home;
  private Shell shell;

  @Before
  public void open() throws Exception {
    Path directory = folder.getRoot().toPath();
    home = directory.resolve("home");
    shell =
        new Shell(
            directory,
            new LogCommand(
                plugin ->
                    plugin.equals("my-gate")
                        ? List.of("org.stranger.gate.maps", "org.stranger.gate", "org.embedded")
                        : List.of(),
                new Fakes.FakeBench(home)));
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void setsTheLevelOfAPlugin() throws Exception {
    assertEquals("every logger has its default level\n", shell.run("rig:log levels"));
    assertEquals(
        "org.embedded: debug\norg.stranger.gate: debug\n",
        shell.run("rig:log level my-gate DEBUG"));
    shell.run("rig:log level 'a&b' warn");
    assertEquals(
        """
        <included>
          <logger name="a&amp;b" level="WARN"/>
          <logger name="org.embedded" level="DEBUG"/>
          <logger name="org.stranger.gate" level="DEBUG"/>
        </included>
        """,
        Files.readString(home.resolve("config/logging.xml")).replace("\"></logger>", "\"/>"));
    shell.run("rig:log level my-gate default");
    assertEquals("logger  level\na&b     warn\n", shell.run("rig:log levels"));
    assertTrue(
        shell
            .error("rig:log level my-gate loud")
            .startsWith(
                "level must be one of trace, debug, info, warn, error, off, default, not loud"));
  }

  @Test
  public void showsTheLastEntriesOfAllProcesses() throws Exception {
    Path log = Files.createDirectories(home.resolve("log"));
    Files.writeString(
        log.resolve("riglab.log"),
        """
          at the.end.of.an.Entry
        2026-11-30 10:00:00,000 INFO  [main] org.riglab.Server: started
        2026-11-30 10:00:03,000 WARN  [main] org.stranger.gate.Gate: odd
        java.lang.IllegalStateException: here
          at org.stranger.gate.Gate.forward(Gate.java:7)
        """);
    Files.writeString(
        log.resolve("worker-cpu.log"),
        """
        2026-11-30 10:00:01,000 DEBUG [lab-cpu] org.stranger.gate.Gate: first
        2026-11-30 10:00:02,000 DEBUG [lab-cpu] org.stranger.gatekeeper.Gate: another
        """);
    Files.writeString(log.resolve("worker-cpu.1.log"), "2026-11-30 09:00:00,000 INFO [a] b: old\n");
    String gate = shell.run("rig:log tail my-gate");
    assertEquals(
        """
        2026-11-30 10:00:01,000 DEBUG [lab-cpu] org.stranger.gate.Gate: first
        2026-11-30 10:00:03,000 WARN  [main] org.stranger.gate.Gate: odd
        java.lang.IllegalStateException: here
          at org.stranger.gate.Gate.forward(Gate.java:7)
        """,
        gate);
    assertEquals(
        "2026-11-30 10:00:02,000 DEBUG [lab-cpu] org.stranger.gatekeeper.Gate: another",
        shell.run("rig:log tail --lines 2").lines().findFirst().orElse(""));
    assertTrue(shell.error("rig:log tail -n 0").startsWith("--lines must be 1 or more, not 0"));
  }
}
