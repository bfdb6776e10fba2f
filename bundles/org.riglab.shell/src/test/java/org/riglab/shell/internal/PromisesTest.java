package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.access.Role;
import org.riglab.api.access.Tokens;
import org.riglab.api.author.Parity;
import org.riglab.api.bench.Benchmark;
import org.riglab.search.internal.SearchService;

/**
 * What docs/reference/api.md promises of the shell: commands, their options, and the keys and types
 * of what {@code --json} prints, as {@code promises.txt} has them. More may come; what is there
 * stays. With {@code -Driglab.promises=FILE} writes what there is now.
 */
public class PromisesTest {
  private static final String FILE = "promises.txt";
  private static final Set<String> CONTAINERS = Set.of("array", "object");

  /** At least one for each command that knows --json; together they print every field. */
  private static final List<String> LINES =
      List.of(
          "ablate --json t.json",
          "bench --network rig --json",
          "compare 1 2 --json",
          "compare rig --iterations 1,2 --json",
          "diff 1 2 --json",
          "data check toy --json",
          "data frequencies toy --json",
          "data weights toy --json",
          "data pixels toy --json",
          "weights show w.pth --json",
          "eval rig --json",
          "gpu show --json",
          "gpu test cpu --json",
          "eval s0 s1 --json",
          "import rig w.npz --json",
          "inspect rig --json",
          "list --json",
          "log levels --json",
          "matrix rig --iterations 1..2 --json",
          "networks --json",
          "parity cases --json",
          "plugin check --json gate.jar",
          "plugin doctor --json com.example.gate",
          "plugin kept --json",
          "plugin list --json",
          "plugin outdated --json",
          "plugin search --json",
          "plugin show --json com.example.gate",
          "queue --json",
          "recipes --json",
          "recipes mine --json",
          "replay 1 --json",
          "run 1 --json",
          "run 1 --metric loss --json",
          "runs --json",
          "score -p got -l true --classes 2 --json",
          "search --json s.json",
          "show rig --json",
          "status --json",
          "submit rig --dataset toy --json",
          "swap rig -i 1 --json",
          "sweep rig --grid lr=1/2 --json",
          "token create --role viewer --json",
          "token list --json",
          "train rig --json");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private List<Command> commands;
  private Shell shell;

  @Before
  public void open() throws Exception {
    Path directory = folder.getRoot().toPath();
    Fakes.FakeParity parity = new Fakes.FakeParity();
    Fakes.FakeBench bench = new Fakes.FakeBench(directory.resolve("home"));
    for (String name : List.of("rig", "s0", "s1")) {
      bench.networks.put(name, Specs.standard(2, 0));
    }
    Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
    evaluator.warnings = 1;
    Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
    Fakes.FakeRegistry registry = new Fakes.FakeRegistry();
    Fakes.FakeReport report = new Fakes.FakeReport();
    FakeLab lab = new FakeLab();
    Files.writeString(
        directory.resolve("t.json"),
        """
        {"spec": {"classes": 2},
         "rows": [{"row": "1", "network": "a", "published": {"mIoU": 59.4}}]}
        """);
    Files.writeString(
        Files.createDirectories(directory.resolve("cases/basic")).resolve("case.json"), "{}");
    Files.writeString(
        directory.resolve("s.json"),
        """
        {"spec": {"classes": 2}, "space": {"lr": "0..1"}, "runs": 4, "asha": "2:3"}
        """);
    parity.rows.put(
        "basic",
        new Parity.Row(
            "basic",
            100,
            5e-5,
            "grad.conv1.weight",
            List.of(1.5),
            Optional.of(new Parity.Difference("eval.block.4.t1", 1.5e-4, 4, 1, "layer3", ""))));
    commands =
        new ArrayList<>(
            Fakes.commands(
                bench,
                trainer,
                evaluator,
                registry,
                report,
                lab,
                new Fakes.FakePlugins(),
                new Fakes.FakeChecks(),
                parity));
    commands.add(new BenchCommand(bench, benchmark()));
    commands.add(new InspectCommand(evaluator, InspectCommandsTest.INSPECTOR, report));
    commands.add(new MatrixCommand(evaluator, report));
    commands.add(
        new SearchCommand(
            new SearchService(
                bench, bench, trainer, new SearchLab(o -> (Double) o.get("lr")).lab()),
            trainer));
    FakeGpu gpu = new FakeGpu();
    gpu.engine = FakeGpu.CUDA;
    commands.add(new GpuCommand(gpu, gpu, gpu));
    commands.add(new SparkCommand(null));
    commands.add(new TokenCommand(tokens()));
    commands.add(new WatchCommand(lab));
    commands.add(new DiffCommand(lab));
    commands.add(new TopCommand(lab));
    commands.add(new PicturesCommand(lab, null));
    shell = new Shell(directory, commands.toArray(Command[]::new));
    shell.run("rig:plugin install gate.jar");
  }

  @After
  public void close() {
    shell.close();
  }

  private static Benchmark benchmark() {
    return (network, load) -> new Benchmark.Timing(load, 1.5, 0.5, 9.5, 300, 900, 40);
  }

  private static Tokens tokens() {
    Tokens.Token token =
        new Tokens.Token("00000001", "laptop", Role.VIEWER, Instant.EPOCH, Instant.EPOCH);
    return (Tokens)
        Proxy.newProxyInstance(
            Tokens.class.getClassLoader(),
            new Class<?>[] {Tokens.class},
            (proxy, method, arguments) ->
                method.getName().equals("create")
                    ? new Tokens.Created(token, "rig_secret")
                    : List.of(token));
  }

  /** What there is, such as {@code option train --lr} and {@code json run .metrics.loss}. */
  private Map<String, String> now() throws Exception {
    Map<String, String> found = new TreeMap<>();
    for (Usage usage : usages()) {
      found.put("command " + usage.command(), "there");
      for (Option option : usage.options()) {
        for (String name : option.names()) {
          found.put(
              "option " + usage.command() + " " + name,
              name.equals(option.name()) ? option.flag() ? "flag" : "value" : option.name());
        }
      }
    }
    for (String line : LINES) {
      types("json " + command(line) + " ", JsonParser.parseString(shell.run("rig:" + line)), found);
    }
    found.entrySet().removeIf(e -> CONTAINERS.contains(e.getValue()) && filled(e.getKey(), found));
    return found;
  }

  /** Whether an array or object that was empty once was not so elsewhere. */
  private static boolean filled(String path, Map<String, String> types) {
    return types.keySet().stream()
        .anyMatch(other -> other.startsWith(path + "[]") || other.startsWith(path + "."));
  }

  private List<Usage> usages() {
    return commands.stream().flatMap(command -> command.usages().stream()).toList();
  }

  /** The longest command with which a line begins. */
  private String command(String line) {
    return usages().stream()
        .map(Usage::command)
        .filter(command -> line.startsWith(command + " "))
        .max(Comparator.comparing(String::length))
        .orElseThrow();
  }

  @Test
  public void everyCommandIsHere() throws Exception {
    Set<String> missing = new TreeSet<>();
    Path classes = Path.of(Command.class.getResource("Command.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(classes)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith("Command.class") && !file.equals("Command.class"))
          .forEach(missing::add);
    }
    commands.forEach(c -> missing.remove(c.getClass().getSimpleName() + ".class"));
    assertEquals("commands that this test does not know", Set.of(), missing);

    Set<String> silent = new TreeSet<>();
    for (Usage usage : usages()) {
      if (usage.options().stream().anyMatch(option -> option.name().equals("--json"))) {
        silent.add(usage.command());
      }
    }
    LINES.forEach(line -> silent.remove(command(line)));
    assertEquals("commands whose --json has no line here", Set.of(), silent);
  }

  @Test
  public void whatWasPromisedIsThere() throws Exception {
    Map<String, String> now = now();
    String write = System.getProperty("riglab.promises", "");
    if (!write.isEmpty()) {
      StringBuilder lines = new StringBuilder();
      now.forEach((what, type) -> lines.append(what).append(": ").append(type).append('\n'));
      Files.writeString(Path.of(write), lines);
      return;
    }
    List<String> promised;
    try (InputStream in = getClass().getResourceAsStream(FILE)) {
      promised = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    assertEquals(List.of(), broken(promised, now));
  }

  /** A line for each promise that does not hold. */
  private static List<String> broken(List<String> promised, Map<String, String> now) {
    List<String> broken = new ArrayList<>();
    for (String line : promised) {
      int colon = line.lastIndexOf(": ");
      String what = line.substring(0, colon);
      String type = line.substring(colon + 2);
      String is = now.get(what);
      if (is == null && !(CONTAINERS.contains(type) && filled(what, now))) {
        broken.add(what + " (" + type + ") is gone");
      } else if (is != null && !is.equals(type) && !is.equals("null") && !type.equals("null")) {
        broken.add(what + " was " + type + " and is " + is);
      }
    }
    return broken;
  }

  @Test
  public void whatIsBrokenIsSaid() {
    List<String> promised =
        List.of(
            "command train: there",
            "option train --lr: value",
            "option train -l: --lr",
            "json run .loss: number",
            "json run .best: null");
    Map<String, String> now = new TreeMap<>();
    for (String line : promised) {
      now.put(line.split(": ")[0], line.split(": ")[1]);
    }
    now.put("json run .best", "number");
    now.put("option train --more", "flag");
    assertEquals("more is no break", List.of(), broken(promised, now));
    now.remove("option train --lr");
    now.put("option train -l", "--limit");
    now.put("json run .loss", "string");
    assertEquals(
        List.of(
            "option train --lr (value) is gone",
            "option train -l was --lr and is --limit",
            "json run .loss was number and is string"),
        broken(promised, now));
  }

  /** Objects and arrays show by what is in them, empty ones by themselves. */
  private static void types(String path, JsonElement json, Map<String, String> into) {
    if (json.isJsonObject() && !json.getAsJsonObject().isEmpty()) {
      json.getAsJsonObject().asMap().forEach((key, value) -> types(path + "." + key, value, into));
    } else if (json.isJsonArray() && !json.getAsJsonArray().isEmpty()) {
      json.getAsJsonArray().forEach(item -> types(path + "[]", item, into));
    } else if (json instanceof JsonPrimitive primitive) {
      into.put(
          path, primitive.isNumber() ? "number" : primitive.isBoolean() ? "boolean" : "string");
    } else if (json.isJsonNull()) {
      into.putIfAbsent(path, "null"); // nothing is known of it here
    } else {
      into.put(path, json.isJsonArray() ? "array" : "object");
    }
  }
}
