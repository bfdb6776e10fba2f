package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** What the start script gives to Java. */
public class StartScriptTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path root;

  @Before
  public void pretend() throws Exception {
    root = folder.getRoot().toPath();
    Files.createDirectories(root.resolve("dist/lib"));
    Files.createDirectories(root.resolve("dist/bin"));
    Files.writeString(
        Files.createDirectories(root.resolve("dist/repository")).resolve("sha256sums"), "none\n");
    executable(Files.copy(Path.of("rig"), root.resolve("dist/bin/rig")));
    Path java = Files.createDirectories(root.resolve("java/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nfor word in \"$@\"; do echo \"$word\"; done\n");
    executable(java);
  }

  private static void executable(Path file) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> rig(int status, String... words) throws Exception {
    return rig(status, Map.of(), words);
  }

  private List<String> rig(int status, Map<String, String> environment, String... words)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(root.resolve("dist/bin/rig").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", root.resolve("java").toString());
    builder.environment().put("HOME", root.toString());
    builder.environment().remove("RIGLAB_HOME");
    builder.environment().remove("RIG_JAVA_OPTS");
    for (String tuning : List.of("GLIBC_TUNABLES", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT")) {
      builder.environment().remove(tuning);
    }
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertEquals(String.join("\n", lines), status, process.waitFor());
    return lines;
  }

  private static List<String> after(List<String> lines) {
    return lines.subList(lines.indexOf("org.riglab.launcher.Main") + 1, lines.size());
  }

  @Test
  public void passesWordsOn() throws Exception {
    assertEquals(List.of(), after(rig(0)));
    assertEquals(List.of("show", "a b", ""), after(rig(0, "show", "a b", "")));
    String home = root.resolve("other home").toString();
    assertEquals(List.of("--home", home, "list"), after(rig(0, "--home", home, "list")));
    assertEquals(List.of("--home=" + home, "list"), after(rig(0, "--home=" + home, "list")));
    assertTrue(Files.exists(root.resolve("other home/cache")));
    assertEquals(List.of("--home"), after(rig(0, "--home")));
    // an option of the command is none of the script
    assertEquals(List.of("train", "--debug", "1"), after(rig(0, "train", "--debug", "1")));
  }

  @Test
  public void keepsTheMemoryOfArraysUnlessTold() throws Exception {
    Path java = root.resolve("java/bin/java");
    Files.writeString(java, "#!/bin/sh\necho \"$GLIBC_TUNABLES\"\n");
    List<String> settings = List.of(rig(0).get(0).split(":"));
    assertTrue(settings.toString(), settings.contains("glibc.malloc.hugetlb=1"));
    assertTrue(settings.toString(), settings.contains("glibc.malloc.arena_max=1"));
    assertTrue(settings.toString(), settings.contains("glibc.malloc.mmap_max=0"));
    assertTrue(settings.contains("glibc.malloc.trim_threshold=" + (1L << 40)));
    String own = "glibc.malloc.arena_max=3";
    assertEquals(List.of(own), rig(0, Map.of("GLIBC_TUNABLES", own)));
  }

  @Test
  public void nativeThreadsSpinBrieflyUnlessTold() throws Exception {
    Path java = root.resolve("java/bin/java");
    Files.writeString(java, "#!/bin/sh\necho \"$OMP_WAIT_POLICY $GOMP_SPINCOUNT\"\n");
    assertEquals(List.of("PASSIVE 3000"), rig(0));
    assertEquals(List.of("PASSIVE 7"), rig(0, Map.of("GOMP_SPINCOUNT", "7")));
    assertEquals(List.of("ACTIVE "), rig(0, Map.of("OMP_WAIT_POLICY", "ACTIVE")));
  }

  @Test
  public void waitsForADebugger() throws Exception {
    List<String> train = rig(0, "--debug", "5005", "train", "mine");
    assertEquals("rig: waiting for a debugger at 127.0.0.1:5005", train.get(0));
    assertTrue(
        train.contains(
            "-agentlib:jdwp=transport=dt_socket,server=y,quiet=y,suspend=y,address=127.0.0.1:5005"));
    assertTrue(train.contains("-Driglab.debug=5005"));
    assertEquals(List.of("train", "mine"), after(train));

    List<String> server = rig(0, "--home", root.toString(), "--debug=5005", "server");
    assertTrue(
        server.contains(
            "-agentlib:jdwp=transport=dt_socket,server=y,quiet=y,suspend=n,address=127.0.0.1:5005"));
    assertEquals(List.of("--home", root.toString(), "server"), after(server));

    assertFalse(rig(0, "list").stream().anyMatch(word -> word.contains("jdwp")));
    for (String[] wrong : new String[][] {{"--debug"}, {"--debug", "train"}, {"--debug="}}) {
      assertEquals(List.of("rig: --debug needs a port, for example --debug 5005"), rig(2, wrong));
    }
  }
}
