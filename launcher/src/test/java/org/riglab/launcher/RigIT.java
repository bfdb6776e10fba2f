package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Bundle;

/** The script {@code rig} of a distribution, as a process. */
public final class RigIT {
  private static final long MINUTES = 3;

  @ClassRule public static final TemporaryFolder SHARED = new TemporaryFolder();
  private static ScratchDistribution distribution;
  private static Path home;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private record Result(int status, List<String> out, List<String> err) {}

  @BeforeClass
  public static void makeDistribution() throws Exception {
    distribution = ScratchDistribution.make(SHARED.getRoot().toPath().resolve("riglab"));
    home = SHARED.getRoot().toPath().resolve("the home");
  }

  private ProcessBuilder process(Path rig, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(rig.toString(), "--home", home.toString()));
    command.addAll(Arrays.asList(words));
    return new ProcessBuilder(command).directory(folder.getRoot());
  }

  private static Path rig() {
    return distribution.root().resolve("bin/rig");
  }

  private Result rig(String... words) throws Exception {
    return run(process(rig(), words), "");
  }

  private Result run(ProcessBuilder builder, String input) throws Exception {
    Path err = folder.newFile().toPath();
    Process process = builder.redirectError(err.toFile()).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String out;
    try (InputStream stream = process.getInputStream()) {
      out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertTrue("still running", process.waitFor(MINUTES, TimeUnit.MINUTES));
    return new Result(process.exitValue(), out.lines().toList(), Files.readAllLines(err));
  }

  @Test
  public void argumentsArriveAsTyped() throws Exception {
    String[] typed = {
      "", "a b", "$HOME", "${x}", "[1]", "(lb)", "{a,b}", "<<6 4>>", "6..4", "\"", "'", "\\", "*",
      "~", "a;b", "a|b", "#", "1e3", "007", "true", "null", "äöü→", "--json", "-", "--", "a=b",
      "%x", "!!", "two\nlines"
    };
    String[] words = new String[typed.length + 1];
    words[0] = "arguments";
    System.arraycopy(typed, 0, words, 1, typed.length);
    Result result = rig(words);
    String expected = "";
    for (String word : typed) {
      expected += "String [" + word + "]\n";
    }
    assertEquals(List.of(), result.err());
    assertEquals(expected.lines().toList(), result.out());
    assertEquals(0, result.status());
  }

  @Test
  public void statusSaysWhatHappened() throws Exception {
    Result failed = rig("fail");
    assertEquals(3, failed.status());
    assertEquals(List.of("rig: no such thing: x; there are y, z"), failed.err());

    Result misused = rig("misuse");
    assertEquals(2, misused.status());
    assertEquals(List.of("rig: --lr must be a number"), misused.err());

    Result broken = rig("break-down");
    assertEquals(70, broken.status());
    assertEquals(
        List.of(
            "rig: internal error: java.lang.IllegalStateException: first line (stack in "
                + home
                + "/log/riglab.log)"),
        broken.err());
    assertTrue(Files.readString(home.resolve("log/riglab.log")).contains("second line"));

    Result unknown = rig("argments");
    assertEquals(2, unknown.status());
    assertEquals(List.of("rig: there is no command 'argments'; near: arguments"), unknown.err());

    Result unbound = rig("sum", "1");
    assertEquals(2, unbound.status());
    assertEquals(List.of("rig: invalid arguments; usage: rig sum INT INT"), unbound.err());
    assertEquals(List.of("42"), rig("sum", "40", "2").out());
  }

  @Test
  public void aHomeThatCannotBeWrittenIsOneLine() throws Exception {
    Path file = folder.newFile("file").toPath();
    Path logged = folder.newFolder("logged").toPath();
    Files.writeString(logged.resolve("log"), "no folder");
    Map<Path, String> wrong =
        Map.of(
            file,
            file + " is not a directory",
            logged,
            logged.resolve("log") + " is not a directory");
    for (Map.Entry<Path, String> entry : wrong.entrySet()) {
      Result refused =
          run(
              new ProcessBuilder(
                  rig().toString(), "--home", entry.getKey().toString(), "arguments"),
              "");
      assertEquals(
          List.of("rig: cannot write the home " + entry.getKey() + ": " + entry.getValue()),
          refused.err());
      assertEquals(1, refused.status());
      assertEquals(List.of(), refused.out());
    }
  }

  @Test
  public void scriptStopsAtFirstFailure() throws Exception {
    Result line = rig("exec", "arguments a 'b c'; fail; arguments d");
    assertEquals(3, line.status());
    assertEquals(List.of("String [a]", "String [b c]"), line.out());
    assertEquals(List.of("rig: no such thing: x; there are y, z"), line.err());

    String script = "# a comment\narguments 1e3 007\nsum 1 2\n";
    List<String> expected = List.of("String [1e3]", "String [007]", "3");
    assertEquals(expected, run(process(rig(), "exec", "-"), script).out());
    assertEquals(expected, run(process(rig()), script).out());
    Path file = folder.newFile("script").toPath();
    Files.writeString(file, script);
    assertEquals(expected, rig("exec", file.toString()).out());

    assertEquals(List.of("String [b]"), rig("exec", "arguments a b | grep b").out());
    Result unknown = rig("exec", "argument");
    assertEquals(List.of("rig: there is no command 'argument'; near: arguments"), unknown.err());
    assertEquals(2, unknown.status());
    assertEquals(2, rig("exec", "arguments 'a").status());
  }

  @Test
  public void startsThroughLinksAndFromAnywhere() throws Exception {
    Path link = folder.getRoot().toPath().resolve("link");
    Files.createSymbolicLink(link, rig());
    Path relative = folder.newFolder("bin").toPath().resolve("rig");
    Files.createSymbolicLink(relative, Path.of("../link"));
    Result result = run(process(relative, "property", "riglab.home"), "");
    assertEquals(List.of(home.toString()), result.out());
    assertEquals(0, result.status());

    ProcessBuilder environment =
        new ProcessBuilder(rig().toString(), "property", "riglab.home").directory(home.toFile());
    environment.environment().put("RIGLAB_HOME", "other");
    assertEquals(List.of(home.resolve("other").toString()), run(environment, "").out());
  }

  @Test
  public void terminationLetsTheCommandSaveItsWork() throws Exception {
    Path saved = folder.getRoot().toPath().resolve("saved");
    Process process = process(rig(), "work", saved.toString()).start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertEquals("working", out.readLine());
      // A second process on the same home does not mind the first.
      assertEquals(List.of("String [x]"), rig("arguments", "x").out());
      process.toHandle().destroy();
      assertTrue("still running", process.waitFor(MINUTES, TimeUnit.MINUTES));
    }
    assertEquals(143, process.exitValue());
    assertEquals("saved", Files.readString(saved));
    try (var slots = Files.list(home.resolve("cache/felix"))) {
      assertEquals(List.of(), slots.filter(Files::isDirectory).map(Path::getFileName).toList());
    }
  }

  @Test
  public void serverRunsUntilTermination() throws Exception {
    Process process = process(rig(), "server").start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      assertTrue(line, line.startsWith("rig: serving"));
      assertTrue(line, line.endsWith("; SIGTERM ends it"));
      assertTrue(process.isAlive());
      process.toHandle().destroy();
      assertTrue("still running", process.waitFor(MINUTES, TimeUnit.MINUTES));
    }
    assertEquals(143, process.exitValue());
  }

  @Test(timeout = 180_000)
  public void terminalHasPromptHistoryAndEnd() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            "env",
            "--default-signal=INT", // a background job's children may ignore Ctrl-C
            "script",
            "--quiet",
            "--return",
            "--command",
            "stty rows 24 columns 120; exec '" + rig() + "' --home '" + home + "'",
            "/dev/null");
    builder.environment().put("TERM", "xterm");
    builder.environment().put("COLUMNS", "200");
    Process process = builder.redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream();
        OutputStream in = process.getOutputStream()) {
      type(in, Expect.readTo(out, "rig> "), "arguments 'a b' \u0003");
      // the line is left before the next prompt; a prompt that is only drawn again stays on it
      type(in, Expect.readTo(out, "\n", "rig> "), "fail\n");
      type(in, Expect.readTo(out, "rig: no such thing: x; there are y, z", "rig> "), "argu\t'é'\n");
      type(in, Expect.readTo(out, "String [é]", "rig> "), "exit\n");
      assertTrue("still running", process.waitFor(MINUTES, TimeUnit.MINUTES));
    } finally {
      process.destroy();
    }
    assertEquals(0, process.exitValue());
    List<String> history = Files.readAllLines(home.resolve("history"));
    assertEquals(history.toString(), 3, history.size());
    assertTrue(history.get(1), history.get(1).endsWith("arguments 'é'"));
  }

  private static void type(OutputStream in, String seen, String text) throws IOException {
    assertFalse(seen, seen.contains("String [a b]"));
    in.write(text.getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  @Test
  public void changedBundleIsRefusedByName() throws Exception {
    ScratchDistribution scratch =
        ScratchDistribution.make(folder.getRoot().toPath().resolve("riglab"));
    Path rig = scratch.root().resolve("bin/rig");
    assertEquals(0, run(process(rig, "arguments"), "").status());

    // Same length, and a time from before: only the content tells.
    var time = Files.getLastModifiedTime(scratch.probe());
    byte[] bytes = Files.readAllBytes(scratch.probe());
    bytes[bytes.length / 2] ^= 1;
    Files.write(scratch.probe(), bytes);
    Files.setLastModifiedTime(scratch.probe(), time);
    Result changed = run(process(rig, "arguments"), "");
    assertEquals(70, changed.status());
    assertEquals(1, changed.err().size());
    assertTrue(
        changed.err().get(0),
        changed.err().get(0).startsWith("rig: bundle org.riglab:probe:1.0.0 was changed"));

    Files.delete(scratch.probe());
    Result missing = run(process(rig, "arguments"), "");
    assertEquals(70, missing.status());
    assertTrue(
        missing.err().get(0),
        missing
            .err()
            .get(0)
            .startsWith("rig: bundle org.riglab:probe:1.0.0 of feature shell is not in"));
  }

  @Test
  public void whatDoesNotResolveIsNamed() throws Exception {
    ScratchDistribution scratch =
        ScratchDistribution.make(folder.getRoot().toPath().resolve("riglab"));
    Path rig = scratch.root().resolve("bin/rig");
    scratch.probe(",no.such.place", Map.of());
    scratch.seal();
    Result unresolved = run(process(rig, "arguments"), "");
    assertEquals(70, unresolved.status());
    assertEquals(1, unresolved.err().size());
    assertTrue(
        unresolved.err().get(0),
        unresolved.err().get(0).startsWith("rig: probe 1.0.0 did not start")
            && unresolved.err().get(0).contains("osgi.wiring.package=no.such.place"));

    scratch.probe(
        "",
        Map.of(
            "OSGI-INF/lonely.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="lonely">
              <implementation class="java.lang.Object"/>
              <service><provide interface="java.lang.Object"/></service>
              <reference name="friend" interface="no.such.Friend"/>
            </scr:component>
            """));
    scratch.seal();
    Result unsatisfied = run(process(rig, "arguments"), "");
    assertEquals(70, unsatisfied.status());
    assertEquals(List.of("rig: there is no service no.such.Friend for lonely"), unsatisfied.err());
  }

  @Test
  public void aPluginsComponentsDoNotKeepRigFromStarting() throws Exception {
    Path other = folder.newFolder("other home").toPath();
    ScratchDistribution.plugin(
        other,
        Map.of(
            "OSGI-INF/faulty.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="faulty" immediate="true">
              <implementation class="org.riglab.launcher.probe.Probe$Faulty"/>
            </scr:component>
            """,
            "OSGI-INF/lonely.xml",
            """
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="lonely">
              <implementation class="java.lang.Object"/>
              <service><provide interface="java.lang.Object"/></service>
              <reference name="friend" interface="no.such.Friend"/>
            </scr:component>
            """));
    Result started =
        run(
            new ProcessBuilder(rig().toString(), "--home", other.toString(), "plugin-state")
                .directory(folder.getRoot()),
            "");
    assertEquals(List.of(), started.err());
    assertEquals(List.of(Integer.toString(Bundle.ACTIVE)), started.out());
    assertEquals(0, started.status());
  }
}
