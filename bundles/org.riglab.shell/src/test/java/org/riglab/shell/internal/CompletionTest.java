package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.access.Role;
import org.riglab.api.bench.OptionInfo;
import org.riglab.console.Guide;

/** What is offered for the words of a line. */
public final class CompletionTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeLab lab = new FakeLab();
  private final Fakes.FakePlugins plugins = new Fakes.FakePlugins();
  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private final Fakes.FakeRegistry registry = new Fakes.FakeRegistry();
  private Path home;
  private List<Command> commands;
  private CommandGuide guide;

  @Before
  public void open() throws Exception {
    home = folder.newFolder("home").toPath();
    Fakes.FakeBench bench = new Fakes.FakeBench(home);
    bench.networks.put("tiny", Specs.standard(2, 0));
    bench.networks.put("large", Specs.standard(3, 0));
    plugins.installed.add(Fakes.FakePlugins.plugin("1.2.0"));
    commands =
        new ArrayList<>(
            Fakes.commands(
                bench,
                trainer,
                new Fakes.FakeEvaluator(),
                registry,
                new Fakes.FakeReport(),
                lab,
                plugins,
                new Fakes.FakeChecks(),
                new Fakes.FakeParity()));
    commands.add(new WatchCommand(lab));
    commands.add(new DiffCommand(lab));
    commands.add(new TopCommand(lab));
    commands.add(new PicturesCommand(lab, null));
    guide = new CommandGuide(new Candidates(registry, bench, trainer, lab, plugins, null, null));
  }

  /** Words that start with the last one of the line. */
  private List<String> words(String line) {
    return candidates(line).stream().map(Guide.Candidate::word).toList();
  }

  private List<Guide.Candidate> candidates(String line) {
    String last = line.substring(line.lastIndexOf(' ') + 1);
    return complete(line).candidates().stream().filter(c -> c.word().startsWith(last)).toList();
  }

  private Guide.Completion complete(String line) {
    List<String> words = Arrays.asList(line.split(" ", -1));
    Command command =
        commands.stream().filter(c -> c.name().equals(words.get(0))).findFirst().orElseThrow();
    return guide.complete(command, words.subList(1, words.size())).orElseThrow();
  }

  @Test
  public void networksWhereANetworkIsMeant() {
    for (String line : List.of("train ", "eval large ", "eval ", "show ", "export ", "submit ")) {
      assertEquals(line, List.of("large", "tiny"), words(line));
      assertEquals(line, -1, complete(line).files());
    }
    assertEquals(List.of("tiny"), words("train --json ti"));
    assertEquals(
        "resnet50, parallel, feedback 6..4, gate mul-sigmoid, u=2, 2 classes",
        candidates("train ti").get(0).about());
    assertEquals("a new name", List.of(), words("assemble "));
  }

  @Test
  public void runsWithNameStateAndResult() {
    assertEquals(
        List.of("2 run of rig queued 50.0", "1 run of rig running 50.0"),
        candidates("run ").stream().map(Guide.Candidate::shown).toList());
    assertEquals(List.of("1"), words("run 1"));
    assertEquals("neither is paused", List.of(), words("resume "));
    assertEquals("neither has ended", List.of(), words("retry "));
    assertEquals(List.of("2"), words("move "));
    assertEquals(List.of("2", "1"), words("cancel "));
    assertEquals(List.of("2", "1", "large", "tiny"), words("compare "));
    assertEquals(List.of("1,2", "1,1"), words("submit tiny --after 1,"));
    assertEquals(List.of("IoU.sky", "loss"), words("run 1 --metric "));
    assertEquals(List.of("--metric=loss"), words("watch 1 --metric=l"));
    assertEquals(List.of("queued,done"), words("runs --state queued,do"));
    assertEquals(
        List.of("id", "name,id"),
        List.of(first("runs --columns i"), first("runs --columns name,i")));
    assertEquals(List.of("-id"), words("runs --sort -i"));
    assertEquals(List.of("id"), words("runs --where i"));
    assertEquals(List.of("--where=state=done"), words("runs --where=state=d"));
    assertEquals(List.of("network!=tiny"), words("runs --where network!=t"));
  }

  private String first(String line) {
    return words(line).get(0);
  }

  @Test
  public void partsByKindWithTheirOptions() {
    String gate = Fakes.GATE.name();
    assertEquals(List.of(gate), words("swap tiny --gate "));
    assertEquals(List.of("--gate=" + gate), words("swap tiny --gate="));
    assertEquals("no gate", List.of(), words("swap tiny --head "));
    assertEquals(List.of("x," + gate), words("compare tiny --gate x,"));
    for (OptionInfo option : Fakes.GATE.options()) {
      assertTrue(
          words("swap tiny --gate " + gate + ":").contains(gate + ":" + option.name() + "="));
      for (String value : option.allowed()) {
        String typed = gate + ":" + option.name() + "=";
        assertTrue(words("swap tiny --gate " + typed).contains(typed + value));
      }
    }
    assertTrue(words("list ").containsAll(List.of("backbone", "head", "gate", "loss")));
    assertTrue(words("plugin new ").contains("transform"));
  }

  @Test
  public void pluginsRecipesAndChoices() {
    assertEquals(List.of("com.example.gate"), words("plugin remove "));
    assertEquals("1.2.0 active", candidates("plugin remove c").get(0).about());
    assertEquals(List.of("plain", "mine"), words("train tiny --recipe "));
    assertEquals("a file is a recipe, too", 0, complete("train tiny --recipe ").files());
    assertEquals(List.of("original", "warped"), words("eval tiny --scoring "));
    assertEquals(List.of("safetensors", "torchscript", "onnx"), words("export tiny -f "));
    assertEquals(List.of("java", "kotlin"), words("plugin new gate x --language "));
    assertEquals(List.of("auto", "cpu"), words("eval tiny --device "));
    assertTrue(words("submit tiny --set l").contains("lr="));
    assertEquals(List.of("recipe=plain"), words("submit tiny --set recipe=p"));
    assertEquals(List.of("recipe=plain/mine"), words("sweep tiny --grid recipe=plain/m"));
  }

  @Test
  public void filesWhereFilesAreMeant() {
    assertEquals(0, complete("plugin install ").files());
    assertEquals(0, complete("train tiny --data ").files());
    assertEquals("--data=".length(), complete("train tiny --data=").files());
    assertEquals(0, complete("predict tiny ").files());
    for (String line : List.of("run ", "recipes x ", "eval tiny --device ", "train ", "plugin ")) {
      assertEquals(line, -1, complete(line).files());
    }
  }

  @Test
  public void everyOptionOfEveryCommand() {
    for (Command command : commands) {
      for (Usage usage : command.usages()) {
        List<String> offered = words(usage.command() + " -");
        for (Option option : usage.options()) {
          assertTrue(usage.command() + option.names(), offered.containsAll(option.names()));
        }
        assertTrue(usage.command(), offered.contains("--help"));
      }
    }
    assertTrue(words("train tiny --").size() > 45);
    assertEquals(List.of("--data"), words("submit tiny --dataset x --da"));
    assertEquals(
        "again if it may be repeated",
        List.of("--set"),
        words("submit --set a=b --se").stream().filter(w -> w.equals("--set")).toList());
    assertEquals("after the arguments", words("run 1 -"), words("run 1 "));
  }

  @Test
  public void actions() {
    assertTrue(words("plugin ").containsAll(List.of("install", "remove", "doctor")));
    assertEquals(List.of("rollback"), words("plugin ro"));
    assertEquals(List.of("--help"), words("plugin --h"));
    assertEquals(List.of(), words("plugin nonsense "));
    assertTrue(words("runs ").containsAll(List.of("tag", "delete", "--sort")));
    assertEquals(List.of("2", "1"), words("runs delete "));
  }

  @Test
  public void everyTextIsDeclared() {
    Set<String> unknown = new TreeSet<>();
    for (Command command : commands) {
      for (Usage usage : command.usages()) {
        for (Usage.Argument argument : usage.arguments()) {
          if (ValueKind.of(usage.command(), argument, usage.types().get(argument.index()))
              == null) {
            unknown.add(usage.command() + " " + argument.name());
          }
        }
        for (Option option : usage.options()) {
          if (!option.flag()
              && option.setting().isEmpty()
              && ValueKind.of(usage.command(), option, usage.types().get(option.index())) == null) {
            unknown.add(usage.command() + " " + option.name());
          }
        }
      }
    }
    assertEquals("ValueKind does not know", Set.of(), unknown);
  }

  @Test
  public void everyCommandHasASection() {
    Set<String> names = new TreeSet<>();
    commands.forEach(c -> names.add(c.name()));
    guide.sections().forEach(section -> names.removeAll(section.commands()));
    assertEquals(Set.of(), names);
  }

  /** At a terminal, in both kinds of sessions: Gogo's, and that of guests. */
  @Test
  public void nothingTypedIsReplaced() throws Exception {
    Files.createDirectories(home.resolve("files/pictures"));
    for (Role role : List.of(Role.ADMIN, Role.OPERATOR)) {
      try (VirtualShell shell =
          new VirtualShell(home, role, guide, "xterm", 80, 30, commands.toArray(new Command[0]))) {
        // 0.1 made --wait of it.
        shell.type("submit rig --da\t", "rig> submit rig --data");
        shell.type("set \t", "rig> submit rig --dataset");
        shell.type("\u0015run \t", "2 run of rig queued 50.0");
        shell.type("2\tx", "rig> run 2 x");
        // Nothing starts with it; JLine would take what contains or resembles it.
        shell.type("\u0015train iny\t--json", "rig> train iny--json");
        shell.type("\u0015train ti\tx", "rig> train tiny x");
        String all = shell.type("\u0015train tiny --lr\t", "--lr-head");
        assertTrue(all, all.contains("rig> train tiny --lr\n") && all.contains("--lr-backbone"));
        shell.type("\u0015\u000chelp trai\tx", "rig> help train x");
        if (role == Role.OPERATOR) {
          shell.type("\u0015predict tiny pic\t", "rig> predict tiny pictures/");
          shell.type("\u0015predict tiny ../ho\t.", "rig> predict tiny ../ho.");
        } else {
          shell.type("\u0015networks; train ti\tx", "rig> networks; train tiny x");
          shell.type("\u0015networks | grep --n\tx", "rig> networks | grep --nx");
        }
        assertFalse(shell.audit.toString(), shell.audit.contains("boom"));
        shell.type("\u0015exit\r");
      }
    }
  }
}
