package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;

public class CommandTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Shell shell;

  /** Prints what it got. */
  public static final class Probe extends Command {
    Probe() {
      super("probe");
    }

    @Override
    List<Option> settings() {
      return List.of(
          Option.of(new OptionInfo("eval_every", "int", "0", List.of()), "e", "steps between"),
          Option.of(
              new OptionInfo("schedule", "choice", "poly", List.of("poly", "constant")), "", ""));
    }

    @Descriptor("prints what it got")
    public void probe(
        CommandSession session,
        @Descriptor("a flag")
            @Parameter(
                names = {"-q", "--quick"},
                presentValue = "true",
                absentValue = "false")
            boolean quick,
        @Descriptor("N: how many")
            @Parameter(
                names = {"-n", "--count"},
                absentValue = "16")
            int count,
        @Descriptor("FILE: where to")
            @Parameter(
                names = {"-o", "--output"},
                absentValue = "")
            Optional<Path> output,
        @Descriptor("some text")
            @Parameter(
                names = {"-t", "--text"},
                absentValue = "none")
            String text,
        Map<String, String> settings,
        @Descriptor("the name") String name,
        @Descriptor("the rest") List<String> file) {
      Terminal.of(session)
          .out()
          .println(
              String.join(
                  "|",
                  String.valueOf(quick),
                  String.valueOf(count),
                  output.map(Path::toString).orElse("-"),
                  text,
                  new TreeMap<>(settings).toString(),
                  name,
                  file.toString()));
    }
  }

  /** Has two actions, one with a keyword's name. */
  @Descriptor("two actions")
  public static final class Actions extends Command {
    Actions() {
      super("actions");
    }

    @Descriptor("brings in")
    public void _import(CommandSession session, @Descriptor("what") Optional<String> thing) {
      Terminal.of(session).out().println("imported " + thing.orElse("nothing"));
    }

    @Descriptor("fails")
    public void fail(CommandSession session) {
      throw new RigException(RigException.Kind.BUSY, "it failed on purpose");
    }
  }

  /** Parameters that several commands share. */
  record Shared(
      @Descriptor("N: how many")
          @Parameter(
              names = {"-n", "--count"},
              absentValue = "16")
          int count,
      @Descriptor("WORD: can be repeated")
          @Parameter(
              names = {"-w", "--word"},
              absentValue = "")
          List<String> words) {}

  /** All parameters but the session. */
  record Gathered(
      @Descriptor("a flag")
          @Parameter(
              names = {"-q", "--quick"},
              presentValue = "true",
              absentValue = "false")
          boolean quick,
      Shared shared,
      @Descriptor("the name") Optional<String> name) {}

  /** Has its parameters in records. */
  public static final class Records extends Command {
    Records() {
      super("records");
    }

    @Descriptor("prints what it got")
    public void records(
        CommandSession session, Gathered given, @Descriptor("the rest") Collection<String> file) {
      Terminal.of(session).out().println(given + " " + file);
    }
  }

  @Before
  public void open() {
    shell = new Shell(folder.getRoot().toPath(), new Probe(), new Actions(), new Records());
  }

  @After
  public void close() {
    shell.close();
  }

  @Test
  public void optionsMayStandAnywhere() throws Exception {
    String expected = "true|7|-|none|{}|rig|[a, b]\n";
    assertEquals(expected, shell.run("rig:probe --quick --count 7 rig a b"));
    assertEquals(expected, shell.run("rig:probe rig a b -q -n 7"));
    assertEquals(expected, shell.run("rig:probe rig -n 7 a --quick b"));
    assertEquals(expected, shell.run("probe rig --count=7 a b -q"));
  }

  @Test
  public void textStaysAsTyped() throws Exception {
    // Gogo reads both as numbers on its own.
    assertEquals("false|16|-|1e-4|{}|1.10|[007]\n", shell.run("rig:probe 1.10 007 -t 1e-4"));
    assertEquals("false|16|-|-0.5|{}|a|[-3]\n", shell.run("rig:probe a -3 --text -0.5"));
    assertEquals("false|16|-|<<6 4>>|{}|a|[b]\n", shell.run("rig:probe --text '<<6 4>>' a b"));
    assertEquals(
        "false|16|-|resnet:layers=2,2:width=16|{}|a|[6..4]\n",
        shell.run("rig:probe --text resnet:layers=2,2:width=16 a 6..4"));
  }

  @Test
  public void nothingIsAnOptionAfterTwoDashes() throws Exception {
    assertEquals(
        "false|16|-|none|{}|a|[--quick, --help]\n", shell.run("rig:probe a -- --quick --help"));
  }

  @Test
  public void pathsAreRelativeToTheSession() throws Exception {
    Path expected = folder.getRoot().toPath().resolve("out.png");
    assertEquals(
        "false|16|" + expected + "|none|{}|a|[b]\n", shell.run("rig:probe a b -o x/../out.png"));
  }

  @Test
  public void settingsAreCollectedUnderTheirKeys() throws Exception {
    assertEquals(
        "false|16|-|none|{eval_every=50, schedule=constant}|a|[b]\n",
        shell.run("rig:probe -e 50 a --schedule constant b"));
    assertEquals(
        "false|16|-|none|{eval_every=5}|a|[b]\n", shell.run("rig:probe a b --eval_every 5"));
  }

  @Test
  public void recordsGatherParameters() throws Exception {
    assertEquals(
        "Gathered[quick=true, shared=Shared[count=7, words=[a, b]], name=Optional[x]] [y, z]\n",
        shell.run("records x -n 7 y --word a --quick -w b z"));
    assertEquals(
        "Gathered[quick=false, shared=Shared[count=16, words=[]], name=Optional.empty] []\n",
        shell.run("records"));
    String help = shell.run("records --help");
    assertTrue(help, help.startsWith("rig records [NAME] [FILE...] [OPTION...]\n"));
    assertTrue(help, help.contains("  -n, --count N    how many [16]\n"));
  }

  @Test
  public void wrongCallsSayWhatIsRight() throws Exception {
    String usage = " (usage: probe NAME FILE... [OPTION...])";
    assertEquals("NAME is missing" + usage, shell.error("rig:probe"));
    assertEquals("FILE is missing" + usage, shell.error("rig:probe a --quick"));
    assertEquals(
        "there is no option --fast; allowed: --count, --eval-every, --help, --output, --quick,"
            + " --schedule, --text"
            + usage,
        shell.error("rig:probe a b --fast"));
    assertEquals("option --count needs a value: N" + usage, shell.error("rig:probe a b --count"));
    assertEquals(
        "option --count needs a value: N" + usage, shell.error("rig:probe -n --quick a b"));
    assertEquals(
        "--count must be a whole number, not 'few'" + usage, shell.error("rig:probe -n few a b"));
    assertEquals("option --quick takes no value" + usage, shell.error("rig:probe --quick=yes a b"));
    assertEquals(
        "option --text is given twice" + usage, shell.error("rig:probe -t a --text b c d"));
    assertEquals(
        "'b' is an unexpected argument (usage: actions import [THING])",
        shell.error("rig:actions import a b"));
  }

  @Test
  public void wrongCallsDifferFromOtherFailures() {
    RigException wrong = assertThrows(RigException.class, () -> shell.run("rig:probe --fast"));
    assertEquals(RigException.Kind.INVALID, wrong.kind());
    RigException failed = assertThrows(RigException.class, () -> shell.run("rig:actions fail"));
    assertEquals(RigException.Kind.BUSY, failed.kind());
  }

  @Test
  public void helpNamesEverything() throws Exception {
    String help = shell.run("rig:probe -n --help");
    assertEquals(
        String.join(
            "\n",
            "rig probe NAME FILE... [OPTION...]",
            "prints what it got",
            "",
            "  NAME                          the name",
            "  FILE                          the rest",
            "  -q, --quick                   a flag",
            "  -n, --count N                 how many [16]",
            "  -o, --output FILE             where to",
            "  -t, --text TEXT               some text [none]",
            "  -e, --eval-every int          steps between [0]",
            "      --schedule poly|constant  [poly]",
            "  -h, --help                    prints this help",
            ""),
        help);
  }

  @Test
  public void actionsAreChosenByTheFirstArgument() throws Exception {
    assertEquals("imported bread\n", shell.run("rig:actions import bread"));
    assertEquals("imported nothing\n", shell.run("rig:actions import"));
    assertEquals("it failed on purpose", shell.error("rig:actions fail"));
    assertEquals("actions: use fail, import or --help", shell.error("rig:actions"));
    assertEquals(
        "'export' is not an action of actions: use fail, import or --help",
        shell.error("rig:actions export"));
    assertTrue(shell.run("rig:actions --help").startsWith("two actions\n\nrig actions fail\n"));
    assertTrue(
        shell.run("rig:actions --help").contains("rig actions import [THING]\n    brings in"));
    assertTrue(shell.run("rig:actions import --help").startsWith("rig actions import [THING]\n"));
  }

  @Test
  public void outputCanBeRedirected() throws Exception {
    assertEquals("", shell.run("rig:probe a b > redirected.txt"));
    assertEquals(
        "false|16|-|none|{}|a|[b]\n",
        Files.readString(folder.getRoot().toPath().resolve("redirected.txt")));
    assertFalse(shell.printed().contains("none"));
  }
}
