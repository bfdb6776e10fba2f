package org.riglab.shell.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.author.Parity;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;
import org.riglab.api.lab.Health;

public class CommandsTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final Fakes.FakeRegistry registry = new Fakes.FakeRegistry();
  private final Fakes.FakeTrainer trainer = new Fakes.FakeTrainer();
  private final Fakes.FakeEvaluator evaluator = new Fakes.FakeEvaluator();
  private final Fakes.FakeReport report = new Fakes.FakeReport();
  private final FakeLab lab = new FakeLab();
  private final Fakes.FakePlugins plugins = new Fakes.FakePlugins();
  private final Fakes.FakeChecks checks = new Fakes.FakeChecks();
  private Path directory;
  private Fakes.FakeBench bench;
  private final Fakes.FakeParity parity = new Fakes.FakeParity();
  private List<Command> commands;
  private Shell shell;

  @Before
  public void open() {
    directory = folder.getRoot().toPath();
    bench = new Fakes.FakeBench(directory.resolve("home"));
    bench.networks.put("rig", Specs.standard(2, 0));
    commands =
        Fakes.commands(bench, trainer, evaluator, registry, report, lab, plugins, checks, parity);
    shell = new Shell(directory, commands.toArray(Command[]::new));
  }

  @After
  public void close() {
    shell.close();
    assertEquals("open leases", 0, registry.open);
  }

  private JsonObject object(String line) throws Exception {
    return JsonParser.parseString(shell.run(line)).getAsJsonObject();
  }

  private JsonArray array(String line) throws Exception {
    return JsonParser.parseString(shell.run(line)).getAsJsonArray();
  }

  @Test
  public void componentsPublishTheCommandsTheyAre() throws Exception {
    for (Command command : commands) {
      String file = "/OSGI-INF/" + command.getClass().getName() + ".xml";
      try (InputStream in = getClass().getResourceAsStream(file)) {
        String xml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(xml, xml.contains("name=\"osgi.command.scope\" type=\"String\" value=\"rig\""));
        assertTrue(
            xml,
            xml.contains(
                "name=\"osgi.command.function\" type=\"String\" value=\"" + command.name() + "\""));
      }
    }
  }

  @Test
  public void comparesTwoVariants() throws Exception {
    String said = shell.run("rig:compare rig --gate mul-sigmoid,add-relu --limit 3");
    assertEquals("rig {limit=3}", evaluator.planned.get(evaluator.planned.size() - 2));
    assertEquals("mul-sigmoid2 add-relu2", evaluator.planned.get(evaluator.planned.size() - 1));
    assertEquals(
        """
        rig on toy val: 3 images; mul-sigmoid 1.5 s, add-relu 1.5 s
        mul-sigmoid: 1 tensor of the network
        add-relu: 1 tensor of the network, 1 initialized from the seed

        iteration  mIoU % mul-sigmoid  add-relu  difference
                1               50.00     62.50      +12.50
                2               50.00     62.50      +12.50

        class  IoU % mul-sigmoid  add-relu  difference
        sky                50.00     62.50      +12.50
        road                   -         -           -

        the predictions differ in 25.00 % of the pixels

        image  differing %  right % mul-sigmoid  add-relu
         0001        50.00                75.00     25.00
        """,
        said);
    shell.run("rig:compare rig --gate add-relu --unroll parallel,sequential --iterations 2,3");
    assertEquals("add-relu2 add-relu3", evaluator.planned.get(evaluator.planned.size() - 1));
    JsonObject object = object("rig:compare rig --iterations 1,2 --json");
    assertEquals(0.25, object.get("differing").getAsDouble(), 0);
    assertEquals(
        "u=2",
        object
            .get("variants")
            .getAsJsonArray()
            .get(1)
            .getAsJsonObject()
            .get("title")
            .getAsString());
  }

  @Test
  public void whatIsNoComparisonIsRefusedInALine() throws Exception {
    String what =
        "compare requires the ids of two runs, or a network and --gate A,B, --unroll A,B or"
            + " --iterations N,N";
    assertEquals(what, shell.error("rig:compare rig"));
    assertEquals(what, shell.error("rig:compare 1 2 3"));
    assertTrue(shell.error("rig:compare rig small").startsWith("'rig' is not the id of a run; "));
    assertEquals("for two runs, only --json is allowed", shell.error("rig:compare 1 2 --limit 4"));
    assertEquals(
        "--gate, --unroll and --iterations are for one network, not [rig, small]",
        shell.error("rig:compare rig small --gate add-relu,identity"));
    assertEquals(
        "--gate requires two values separated by a comma, not 'a,b,c'",
        shell.error("rig:compare rig --gate a,b,c"));
    assertEquals(
        "both variants are the same; use two different ones, for example --gate"
            + " mul-sigmoid,add-relu",
        shell.error("rig:compare rig --gate add-relu,add-relu"));
    assertEquals(
        "--iterations: 'two' is not a number", shell.error("rig:compare rig --iterations 1,two"));
    assertTrue(shell.error("rig:compare none --gate a,b").contains("none"));
  }

  @Test
  public void commandsSayWhoMayCallThem() throws Exception {
    Map<String, String> roles = new TreeMap<>();
    Path one =
        Path.of(
            getClass().getResource("/OSGI-INF/" + ListCommand.class.getName() + ".xml").toURI());
    try (Stream<Path> files = Files.list(one.getParent())) {
      for (Path file : files.toList()) {
        roles.put(property(file, "osgi.command.function"), property(file, "riglab.role"));
      }
    }
    String viewers =
        "compare diff list networks pictures queue recipes run runs show status top watch";
    String admins = "forward parity score token";
    roles.remove(""); // components that are no commands
    for (Map.Entry<String, String> entry : roles.entrySet()) {
      String name = entry.getKey();
      String expected =
          List.of(viewers.split(" ")).contains(name)
              ? "viewer"
              : List.of(admins.split(" ")).contains(name) ? "" : "operator";
      switch (name) {
        case "plugin" ->
            expected =
                "list=viewer\nkept=viewer\nsearch=viewer\nshow=viewer\noutdated=viewer"
                    + "\ndoctor=viewer";
        case "gpu" -> expected = "show=viewer\ntest=operator";
        case "spark" -> expected = "show=viewer";
        case "weights" -> expected = "show=operator";
        case "log" -> expected = "levels=viewer\ntail=operator";
        case "compare" ->
            expected =
                "viewer\n--gate=operator\n-g=operator\n--unroll=operator\n-u=operator"
                    + "\n--iterations=operator\n-i=operator";
        case "runs" ->
            expected =
                "viewer\ntag=operator\nnote=operator\ndelete=operator\narchive=operator"
                    + "\nrestore=operator";
        case "data" ->
            expected =
                "check=operator\n"
                    + "frequencies=operator\n"
                    + "weights=operator\n"
                    + "pixels=operator\n"
                    + "show=operator";
        default -> {}
      }
      assertEquals(name, expected, entry.getValue());
    }
  }

  private static String property(Path component, String name) throws IOException {
    Matcher matcher =
        Pattern.compile("name=\"" + name + "\" type=\"String\"(?: value=\"([^\"]*)\"|>([^<]*))")
            .matcher(Files.readString(component));
    return !matcher.find()
        ? ""
        : matcher.group(1) == null ? matcher.group(2).strip() : matcher.group(1);
  }

  @Test
  public void everyOptionHasALongAndAShortNameOfItsOwn() {
    for (Command command : commands) {
      for (Usage usage : command.usages()) {
        Set<String> names = new HashSet<>(Usage.HELP);
        for (Option option : usage.options()) {
          for (String name : option.names()) {
            assertTrue(usage.command() + " " + name, names.add(name));
          }
          if (option.setting().isEmpty()) {
            int letters = option.names().size() - 1;
            assertTrue(usage.command() + " " + option.name(), letters > 0);
            assertTrue(
                option.names().subList(0, letters).stream().allMatch(n -> n.matches("-[a-zA-Z]")));
          }
          assertTrue(option.name(), option.name().matches("--[a-z0-9-]+"));
          assertFalse(
              usage.command() + " " + option.name(),
              option.about().isEmpty() && option.setting().isEmpty());
        }
        assertFalse(usage.command(), usage.about().isEmpty());
      }
    }
  }

  @Test
  public void helpFitsTheTerminal() {
    for (Command command : commands) {
      for (Usage usage : command.usages()) {
        for (int columns : List.of(80, 100)) {
          for (String line : usage.help(columns).lines().toList()) {
            assertTrue(line, line.length() <= columns);
          }
        }
      }
    }
  }

  @Test
  public void listShowsPartsWithOptionsAndOrigin() throws Exception {
    assertEquals(
        """
        kind  name         bundle            version  about
        gate  mul-sigmoid  org.riglab.gates  0.1.0    the paper's gate

        gate mul-sigmoid
            pool=avg (avg|max|none)
        """,
        shell.run("rig:list gates"));
    JsonObject part = array("rig:list --json").get(0).getAsJsonObject();
    assertEquals("mul-sigmoid", part.get("name").getAsString());
    assertEquals(64, part.get("sha256").getAsString().length());
    assertEquals(
        "[{\"name\":\"pool\",\"type\":\"choice\",\"defaultValue\":\"avg\",\"allowed\":[\"avg\",\"max\",\"none\"],\"about\":\"\"}]",
        part.get("options").toString());
    assertEquals(
        "'doors' is not a kind of part; kinds are backbone, head, gate, unroll, dataset, metric,"
            + " loss, transform",
        shell.error("rig:list doors"));
  }

  @Test
  public void assembleTakesPartsFromOptions() throws Exception {
    String said =
        shell.run(
            "rig:assemble --classes 12 --backbone resnet:width=16 small -u sequential -f 6 -i 3"
                + " --batch-norm shared --seed 5 -g mul-tanh:pool=max");
    assertEquals(
        "small: resnet:width=16, sequential, feedback 6, gate mul-tanh:pool=max, u=3, 12 classes\n",
        said);
    NetworkSpec spec = bench.networks.get("small");
    assertEquals(BatchNormPolicy.SHARED, spec.batchNorm());
    assertEquals(5, spec.seed());
  }

  @Test
  public void assembleAsksForTheNumberOfClasses() throws Exception {
    assertEquals(
        "the number of classes is missing; use --classes N, --dataset PART [--data DIR] or --spec"
            + " FILE",
        shell.error("rig:assemble small"));
    shell.run("rig:assemble small --dataset toy -u feed-forward");
    assertEquals(2, bench.networks.get("small").classes());
    assertEquals(List.of(), bench.networks.get("small").feedback());
    assertEquals("there is a network small already", shell.error("rig:assemble small -c 3"));
    shell.run("rig:assemble small -c 3 --replace");
    assertEquals(3, bench.networks.get("small").classes());
    assertEquals(
        "--classes and --dataset exclude each other", shell.error("rig:assemble x -c 3 -d toy"));
    assertEquals(
        "there is no dataset nope; there is toy", shell.error("rig:assemble x --dataset nope"));
  }

  @Test
  public void assembleReadsASpecAndOptionsBesideIt() throws Exception {
    Files.writeString(directory.resolve("spec.json"), "{\"classes\": 7}");
    shell.run("rig:assemble small --spec spec.json --gate identity");
    NetworkSpec spec = bench.networks.get("small");
    assertEquals(7, spec.classes());
    assertEquals(11, spec.seed());
    assertEquals("identity", spec.gate().name());
    Files.writeString(directory.resolve("spec.json"), "{}");
    assertEquals(
        directory.resolve("spec.json") + ": classes is missing",
        shell.error("rig:assemble small --spec spec.json"));
  }

  @Test
  public void networksNamesThoseOutOfOrder() throws Exception {
    NetworkSpec spec = Specs.standard(3, 0);
    bench.networks.put(
        "broken",
        new NetworkSpec(
            spec.backbone(),
            spec.head(),
            PartSpec.of("missing"),
            spec.unroll(),
            spec.feedback(),
            spec.iterations(),
            spec.classes(),
            spec.batchNorm(),
            spec.seed()));
    assertEquals(
        """
        name    network
        broken  there is no gate missing
        rig     resnet50, parallel, feedback 6..4, gate mul-sigmoid, u=2, 2 classes
        """,
        shell.run("rig:networks"));
    JsonArray json = array("rig:networks -j");
    assertEquals(
        "there is no gate missing", json.get(0).getAsJsonObject().get("error").getAsString());
    assertEquals(
        "[4,5,6]",
        json.get(1).getAsJsonObject().getAsJsonObject("spec").get("feedback").toString());
  }

  @Test
  public void showCountsAndNamesOrigins() throws Exception {
    assertEquals(
        """
        rig: resnet50, parallel, feedback 6..4, gate mul-sigmoid, u=2, 2 classes
        batch norm per-iteration, seed 0, image 64x96

        block  name  output (C,H,W)  parameters  convs  runs  GMACs/run  GMACs  MiB kept
        B1     stem  16 x 16 x 24         2,400      1     1      1.500  1.500       4.0

        gate  fed by  feedback (C,H,W)  gates (C,H,W)  parameters  runs  GMACs/run  GMACs  MiB kept
        G1    B1 B2   16x8x8, 2x8x8     3x64x64                54     2      0.250  0.500       2.0

        total 2,454 parameters, 2.000 GMACs per image
        activations, batch 4: 6.0 MiB kept for back-propagation, 12.0 MiB held by the engine
        effective depth - by the paper's formula, 7 by the longest path (5 without gates)
        receptive field 107x107 in iteration 1, 331x299 in the last

        part  name         bundle            version  sha-256
        gate  mul-sigmoid  org.riglab.gates  0.1.0    0123456789abcdef
        """,
        shell.run("rig:show rig --size 64x96 --batch 4"));
    JsonObject json = object("rig:show --json rig");
    assertEquals(1_002_454, json.get("parameters").getAsLong());
    assertEquals("[321,321]", json.get("size").toString());
    JsonObject analysis = json.getAsJsonObject("analysis");
    assertEquals(2_000_000_000L, analysis.get("multiplyAdds").getAsLong());
    assertEquals(
        331, analysis.getAsJsonObject("fields").getAsJsonObject("last").get("height").getAsInt());
    assertEquals("there is no network nope", shell.error("rig:show nope"));
    assertEquals("--batch must be 1 or more, not 0", shell.error("rig:show rig -b 0"));
  }

  @Test
  public void showDrawsAndListsOperations() throws Exception {
    shell.run("rig:show rig --size 64x96 --svg rig.svg --operations rig.txt");
    assertEquals("<svg>64</svg>\n", Files.readString(directory.resolve("rig.svg")));
    assertEquals("%0 = Input()\n", Files.readString(directory.resolve("rig.txt")));
  }

  @Test
  public void showPrintsTheCompiledGraph() throws Exception {
    assertEquals(
        "rig 2 64x96 Options[training=true, precision=BF16, recompute=false,"
            + " deterministic=false]\n",
        shell.run("rig:show rig --size 64x96 --batch 2 --graph --training --precision bf16"));
    assertEquals(
        "rig 1 321x321 Options[training=false, precision=FP32, recompute=false,"
            + " deterministic=false]\n",
        shell.run("rig:show rig -g"));
    assertEquals(
        "--precision of a graph must be fp32, bf16 or fp16, not auto",
        shell.error("rig:show rig -g --precision auto"));
    assertEquals("--training requires --graph", shell.error("rig:show rig --training"));
  }

  @Test
  public void showSaysWhyItDoesNotCount() throws Exception {
    assertEquals(
        """
        rig: resnet50, parallel, feedback 6..4, gate mul-sigmoid, u=2, 2 classes
        batch norm per-iteration, seed 0, image 16x16

        block  name        output (C,H,W)  parameters  gate  runs
        B1     stem        16 x 4 x 4           2,400     -     1
        B2     classifier  5 x 2 x 2        1,000,000    54     2
        total 1,002,454 parameters
        not counted: backbone toy (org.example 1.0.0) is given too small an image

        part  name         bundle            version  sha-256
        gate  mul-sigmoid  org.riglab.gates  0.1.0    0123456789abcdef
        """,
        shell.run("rig:show rig --size 16x16"));
    assertTrue(object("rig:show --json --size 16x16 rig").get("analysis").isJsonNull());
    assertEquals(
        "nothing to write: backbone toy (org.example 1.0.0) is given too small an image",
        shell.error("rig:show rig --size 16x16 --svg small.svg"));
    assertTrue(Files.notExists(directory.resolve("small.svg")));
  }

  @Test
  public void trainHandsEveryOptionOn() throws Exception {
    String printed =
        shell.run("rig:train rig --dataset toy:a=1 -D frames --eval-every 10 --lr 1e-3 -b 4");
    assertEquals(
        List.of(
            "rig {batch=4, data="
                + directory.resolve("frames")
                + ", dataset=toy:a=1, eval_every=10, lr=1e-3}"),
        trainer.planned);
    assertEquals(
        """
        20/20 loss 0.2500 lr 1.0e-03 10.0 img/s 0s left
        step  mIoU % t1  mIoU % t2
          10      30.00      35.00
          20      36.00      41.30
        run 1 (rig-1) finished: 20 steps, last loss 0.2500, 12.3 images/s, 0.4% of the time waiting for
            data
        best mIoU 41.30 at step 20
        runs/rig-1
        """,
        printed);
  }

  @Test
  public void trainFindsFilesFromWhereItIsTyped() throws Exception {
    shell.run("rig:train rig --recipe my.json --coarse camvid");
    shell.run("rig:train rig --recipe mine --coarse groups.json");
    assertEquals(
        List.of(
            "rig {coarse=camvid, recipe=" + directory.resolve("my.json") + "}",
            "rig {coarse=" + directory.resolve("groups.json") + ", recipe=mine}"),
        trainer.planned);
  }

  @Test
  public void recipesAreListedAndPrinted() throws Exception {
    assertEquals(
        """
        recipe  about            file
        plain   nothing special  built in
        mine                     /home/recipes/mine.json
        """,
        shell.run("rig:recipes"));
    assertEquals(
        "{\"name\":\"mine\",\"about\":\"\",\"file\":\"/home/recipes/mine.json\"}",
        array("rig:recipes --json").get(1).toString());
    assertEquals(
        "{\"about\":\"nothing special\",\"steps\":20,\"size\":[2,3]}",
        object("rig:recipes plain").toString());
  }

  @Test
  public void trainHelpListsEveryField() throws Exception {
    String help = shell.run("rig:train --help");
    for (String name : List.of("--eval-every text", "--class-weights WEIGHTS", "--size HxW")) {
      assertTrue(name, help.contains(name + " "));
    }
    assertFalse(help.contains("--network "));
    List<String> names = new ArrayList<>(List.of("scale", "flip", "coarse"));
    for (var component : TrainSpec.class.getRecordComponents()) {
      if (component.getType().isRecord()) {
        for (var setting : component.getType().getRecordComponents()) {
          names.add(setting.getName());
        }
      }
    }
    assertEquals(64, names.size());
    for (String name : names) {
      String words = name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      assertTrue(words, help.contains("--" + words + " "));
    }
    assertEquals(
        "there is no option --evaluate; similar: --eval-every; 'rig train --help' lists all (usage:"
            + " train NAME [OPTION...])",
        shell.error("rig:train rig --evaluate 3"));
  }

  @Test
  public void aStoppedTrainingFailsAndSaysHowToGoOn() throws Exception {
    trainer.end = Training.End.STOPPED;
    assertEquals(
        "run 1 (rig-1) is stopped after step 20; 'train rig --resume' continues",
        shell.error("rig:train rig"));
    trainer.end = Training.End.FINISHED;
    trainer.planned.clear();
    shell.run("rig:train --resume rig");
    assertEquals(List.of("resume rig {}"), trainer.planned);
  }

  @Test
  public void whatWasTrainedKeepsPictures() throws Exception {
    trainer.end = Training.End.STOPPED;
    shell.error("rig:train rig");
    lab.calls.removeIf(call -> call.startsWith("list"));
    assertEquals("it is not done", List.of(), lab.calls);
    trainer.end = Training.End.EARLY;
    shell.run("rig:train rig");
    lab.calls.removeIf(call -> call.startsWith("list"));
    assertEquals(List.of("index runs/rig-1"), lab.calls);
    lab.trouble = "there is no dataset 'toy'";
    String out = shell.run("rig:train rig");
    assertTrue(out, out.contains("no pictures are stored: there is no dataset 'toy'\n"));
    object("rig:train rig --json");
  }

  @Test
  public void trainPrintsNothingButJsonIfAsked() throws Exception {
    JsonObject json = object("rig:train rig --json");
    assertEquals("finished", json.get("end").getAsString());
    assertEquals(
        0.25, json.getAsJsonArray("points").get(1).getAsJsonObject().get("loss").getAsDouble(), 0);
    assertEquals(
        "[0.36,0.413]",
        json.getAsJsonArray("evaluations").get(1).getAsJsonObject().get("mIoU").toString());
    assertEquals("poly", json.getAsJsonObject("spec").get("schedule").getAsString());
  }

  @Test
  public void evalShowsEveryIteration() throws Exception {
    String printed = shell.run("rig:eval rig --resize 180x240 --split val -D frames -c m.csv");
    assertEquals(
        List.of("rig {data=" + directory.resolve("frames") + ", resize=[180, 240], split=val}"),
        evaluator.planned);
    assertEquals(
        """
        rig on toy val: 233 images at 180x240, 17.3 images/s

        iteration  mIoU %  pAcc %  mAcc %
                1   50.00   75.00       -
                2   62.50   75.00       -

        class  pixels %  IoU % t1  IoU % t2
        road      50.00     50.00     62.50
        sky       50.00         -         -

        """
            + Text.wrap(ScoreTables.POLICY, 0, Text.COLUMNS)
            + "\nconfusion matrix: "
            + directory.resolve("m.csv")
            + "\n",
        printed);
    assertEquals(
        "iteration,label,road,sky\n1,road,3,1\n1,sky,0,4\n2,road,3,1\n2,sky,0,4\n",
        Files.readString(directory.resolve("m.csv")));
  }

  @Test
  public void evalJsonHasTheAnswerOnTop() throws Exception {
    JsonObject json = object("rig:eval rig --json");
    assertEquals(0.625, json.get("mIoU").getAsDouble(), 0);
    assertTrue(json.get("mAcc").isJsonNull());
    assertEquals(2, json.getAsJsonArray("iterations").size());
    assertEquals(
        "[0.5,null]",
        json.getAsJsonArray("iterations")
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("perClass")
            .get("IoU")
            .toString());
    assertEquals("[\"road\",\"sky\"]", json.get("classes").toString());
  }

  @Test
  public void evalPassesOnHowToRunImages() throws Exception {
    shell.run(
        "rig:eval rig --resize 513x513 --scoring original --scales 0.5,1 --flip --window 321x321"
            + " --overlap 0.5 --input-scales 1,0.75 --metrics confusion,boundary:tolerance=0.01");
    assertEquals(
        List.of(
            "rig {flip=true, input_scales=1,0.75, metrics=confusion,boundary:tolerance=0.01,"
                + " overlap=0.5, resize=[513, 513], scales=0.5,1, scoring=original,"
                + " window=[321, 321]}"),
        evaluator.planned);
  }

  @Test
  public void evalDrawsTheConfusionMatrixOfTheAnswer() throws Exception {
    shell.run("rig:eval rig --confusion m.PNG");
    assertEquals(List.of("rig on toy val: mIoU 62.50 % [[3, 1], [0, 4]]"), report.titles);
    assertTrue(Files.exists(directory.resolve("m.PNG")));
    assertEquals(
        "--confusion " + directory.resolve("m.txt") + ": the name must end in .csv or .png",
        shell.error("rig:eval rig --confusion m.txt"));
    assertEquals(
        "--confusion is for one network without --summary",
        shell.error("rig:eval a b --confusion m.png"));
    assertEquals("nothing is evaluated for nothing", 1, evaluator.planned.size());
  }

  @Test
  public void evalSumsUpSeveralNetworks() throws Exception {
    evaluator.answers.addAll(List.of(0.60, 0.64, 0.65));
    String printed = shell.run("rig:eval s0 s1 s2 --per-class");
    // mean 0.63, squares 0.0014, std sqrt(0.0007); times 4.302653 / sqrt(3)
    assertTrue(
        printed,
        printed.contains(
            """
            network  mIoU %  pAcc %  mAcc %
            s0        60.00   75.00       -
            s1        64.00   75.00       -
            s2        65.00   75.00       -
            mean      63.00   75.00       -
            95 % +-    6.57    0.00       -

            class  IoU %  95 % +-
            road   63.00     6.57
            sky        -        -
            """));
    evaluator.answers.addAll(List.of(0.60, 0.64));
    JsonObject json = object("rig:eval s0 s1 --json");
    assertEquals(2, json.getAsJsonArray("networks").size());
    JsonObject spread = json.getAsJsonObject("summary").getAsJsonObject("mIoU");
    assertEquals(2, spread.get("n").getAsInt());
    assertEquals(0.62, spread.get("mean").getAsDouble(), 1e-12);
    assertEquals(12.706205 * 0.02, spread.get("halfWidth").getAsDouble(), 1e-9);
  }

  @Test
  public void evalHasNoIntervalForOneNetwork() throws Exception {
    String printed = shell.run("rig:eval rig --summary");
    assertTrue(printed, printed.contains("95 % +-       -       -       -\n"));
    JsonObject json = object("rig:eval rig --summary --json");
    JsonObject spread = json.getAsJsonObject("summary").getAsJsonObject("mIoU");
    assertEquals(0.625, spread.get("mean").getAsDouble(), 0);
    assertTrue(spread.get("halfWidth").isJsonNull());
    assertTrue(spread.get("std").isJsonNull());
  }

  @Test
  public void evalTakesNoMeanOverDifferentData() throws Exception {
    evaluator.fingerprints.addAll(List.of("one", "two"));
    assertEquals(
        "a was evaluated on toy val, b on toy val: the mean requires the same data; select it"
            + " with --dataset, --data and --split",
        shell.error("rig:eval a b"));
  }

  @Test
  public void predictPassesOnHowToRunImages() throws Exception {
    Files.write(directory.resolve("a.png"), new byte[0]);
    shell.run("rig:predict rig a.png");
    shell.run(
        "rig:predict rig a.png -x 0.5,1 --flip -w 8x9 --overlap 0.25 --input-scales 1,0.5 -o p");
    assertEquals(
        List.of(
            Inference.PLAIN,
            new Inference(List.of(0.5, 1.0), true, List.of(8, 9), 0.25, List.of(1.0, 0.5))),
        bench.inferences);
    assertEquals(
        "--scales: 'two' is not a number", shell.error("rig:predict rig a.png --scales 1,two"));
  }

  @Test
  public void scoreNeedsThreeOptions() throws Exception {
    JsonObject json = object("rig:score -p got -l true --classes 2 --void 11 --json");
    assertEquals(List.of("score got true 2 11 confusion"), evaluator.planned);
    assertEquals(0.5, json.get("mIoU").getAsDouble(), 0);
    assertEquals(
        "--classes N is missing; required are --predictions, --labels and --classes",
        shell.error("rig:score -p got -l true"));
    assertTrue(shell.run("rig:score -p got -l true -c 2").contains("class 1     50.00      -\n"));
    assertEquals("score got true 2 255 confusion", evaluator.planned.get(1));
    String printed = shell.run("rig:score -p got -l true -c 2 -m boundary:tolerance=0.01");
    assertEquals("score got true 2 255 boundary:tolerance=0.01", evaluator.planned.get(2));
    assertTrue(printed, printed.contains("class    IoU %\nclass 0  50.00\nclass 1      -\n"));
  }

  @Test
  public void predictReadsStandardInput() throws Exception {
    assertTrue(
        shell
            .run("rig:predict rig - -o out")
            .endsWith("1 image in " + directory.resolve("out") + "\n"));
    assertTrue(Files.exists(directory.resolve("out/labels/stdin.png")));
  }

  @Test
  public void predictWritesThreePicturesPerImage() throws Exception {
    Path images = Files.createDirectory(directory.resolve("images"));
    Files.write(images.resolve("a.PNG"), new byte[0]);
    Files.write(images.resolve("b.jpg"), new byte[0]);
    Files.write(images.resolve("notes.txt"), new byte[0]);
    Files.write(images.resolve("._a.png"), new byte[0]);
    shell.run("rig:predict rig images --output out --maps 'gate.*.t2'");
    for (String kind : List.of("labels", "overlays", "strips")) {
      for (String name : List.of("a.png", "b.png")) {
        assertTrue(Files.exists(directory.resolve("out").resolve(kind).resolve(name)));
      }
    }
    assertEquals(List.of("predict rig 3 [gate.*.t2]", "predict rig 3 [gate.*.t2]"), bench.calls);
    assertEquals(2, report.strips.get(0).predictions().size());
    assertEquals(Set.of("gate.4.t2"), report.strips.get(0).maps().keySet());
    Files.write(images.resolve("a.jpg"), new byte[0]);
    shell.run("rig:predict rig images --output two");
    for (String name : List.of("a.PNG.png", "a.jpg.png", "b.png")) {
      assertTrue(name, Files.exists(directory.resolve("two/labels").resolve(name)));
    }
    Files.write(directory.resolve("a.jpg"), new byte[0]);
    assertEquals(
        images.resolve("a.jpg")
            + " and "
            + directory.resolve("a.jpg")
            + " have the same name; predict one of them with another --output directory",
        shell.error("rig:predict rig images a.jpg"));
    assertEquals(
        "there is no picture " + directory.resolve("c.png"), shell.error("rig:predict rig c.png"));
  }

  @Test
  public void swapSaysWhatBecameOfTheWeights() throws Exception {
    String printed = shell.run("rig:swap rig --gate mul-tanh");
    assertEquals("mul-tanh", bench.networks.get("rig").gate().name());
    assertTrue(
        printed,
        printed.startsWith(
            "rig: resnet50, parallel, feedback 6..4, gate mul-tanh, u=2, 2 classes\n"
                + "1 tensor stayed\n14 initialised:\n  gates.0.conv.weight\n"));
    assertTrue(printed, printed.endsWith("  and 2 more (--json lists all)\nnone left over\n"));
    shell.run("rig:swap --unroll feed-forward rig");
    assertEquals(1, bench.networks.get("rig").iterations());
    assertEquals(
        "nothing to swap; use --backbone, --head, --gate, --unroll, --feedback, --iterations or"
            + " --batch-norm",
        shell.error("rig:swap rig"));
    assertEquals(14, object("rig:swap rig -i 1 -j").getAsJsonArray("initialised").size());
  }

  @Test
  public void weightsGoInAndOut() throws Exception {
    String summary =
        """
        format  npz
        names   'backbone.' put in front
        pixels  bgr, 0 to 255

        tensors
              1  matched    float32, converted from float16
              1  missing    remain unchanged
              1  left over  not used by the network
              1  ignored    the classifier of a classification network

        """;
    assertEquals(
        summary
            + """
                       in the file  in the network   shape
            missing    -            classifier.bias  [21]
            left over  head.weight  -                float32 [7]  the network has no such tensor
            """,
        shell.run("rig:import rig w.safetensors --strict"));
    assertEquals(
        4,
        shell
            .run("rig:import rig w.pth -a --prefix a.=b. -p c=  --extra-inputs keep -P caffe -n")
            .substring(summary.length())
            .lines()
            .filter(line -> !line.startsWith(" "))
            .count());
    JsonObject json = object("rig:import rig w.npz -j");
    assertEquals("classifier.bias", json.getAsJsonArray("initialised").get(0).getAsString());
    assertEquals(
        "left-over",
        json.getAsJsonArray("tensors").get(2).getAsJsonObject().get("fate").getAsString());
    bench.calls.subList(2, bench.calls.size()).clear();
    assertEquals(
        "--prefix must be FROM=TO, not 'x'", shell.error("rig:import rig w.pth --prefix x"));
    assertEquals(
        "--extra-inputs 'x': allowed are zero, keep", shell.error("rig:import rig w.pth -x x"));
    assertEquals(
        "--pixels 'x': allowed are file, torchvision, caffe",
        shell.error("rig:import rig w.pth --pixels x"));
    shell.run("rig:export rig");
    shell.run("rig:export --format safetensors rig -o x.safetensors");
    shell.run("rig:export -f torchscript rig");
    shell.run("rig:export -f onnx rig --size 360x480");
    shell.run("rig:discard rig");
    assertEquals(
        List.of(
            "import rig w.safetensors ImportSpec[strict=true, prefixes={}, extraInputs=ZERO,"
                + " pixels=FILE, nonFinite=false, pixelFormat=Optional.empty,"
                + " outputs=Optional.empty]",
            "import rig w.pth ImportSpec[strict=false, prefixes={a.=b., c=}, extraInputs=KEEP,"
                + " pixels=CAFFE, nonFinite=true, pixelFormat=Optional.empty,"
                + " outputs=Optional.empty]",
            "export rig safetensors rig.safetensors",
            "export rig safetensors x.safetensors",
            "export rig torchscript rig.pt",
            "export rig onnx rig.onnx [360, 480]",
            "discard rig"),
        bench.calls);
  }

  @Test
  public void forwardNeedsFourFiles() throws Exception {
    Files.writeString(directory.resolve("spec.json"), "{\"classes\": 7}");
    shell.run("rig:forward -s spec.json --weights w.st --input x.st --output y.st");
    assertEquals(List.of("forward 7 w.st x.st y.st"), bench.calls);
    assertEquals(
        "--weights FILE is missing; required are --spec, --weights, --input and --output",
        shell.error("rig:forward -s spec.json"));
  }

  private void parityCase(String name, double worst, int tensors) throws Exception {
    Path path = Files.createDirectories(directory.resolve("cases").resolve(name));
    Files.writeString(path.resolve("case.json"), "{}");
    parity.rows.put(
        name,
        new Parity.Row(
            name,
            tensors,
            worst,
            "grad.conv1.weight",
            List.of(1.5, 1.25),
            tensors == 0 ? Optional.empty() : first(worst)));
  }

  private static Optional<Parity.Difference> first(double worst) {
    return worst <= 1e-4
        ? Optional.empty()
        : Optional.of(
            new Parity.Difference(
                "eval.block.4.t1",
                1.5e-4,
                4,
                1,
                "block",
                "output of layer3 (block 4, iteration 1)"));
  }

  @Test
  public void parityFailsAboveTheTolerance() throws Exception {
    parityCase("basic", 5e-5, 100);
    parityCase("even", Double.NaN, 0);
    String header = "case   tensors      worst  loss 1    loss 2    worst tensor\n";
    String good =
        "basic      100   5.00e-05  1.500000  1.250000  grad.conv1.weight\n"
            + "even         0          -  1.500000  1.250000  nothing expected\n";
    assertEquals(header + good, shell.run("rig:parity cases"));
    parityCase("fcn", 2e-4, 100);
    parityCase("fcn8", Double.NaN, 100);
    parityCase("rcnn", 0, 1);
    parity.rows.remove("rcnn");
    assertEquals(
        "3 of 5 cases fail or exceed a relative error of 1e-04: fcn, fcn8, rcnn",
        shell.error("rig:parity cases"));
    assertTrue(shell.printed().contains("rcnn   unroll rcnn is not there\n"));
    assertTrue(
        shell
            .printed()
            .contains(
                "  first difference: output of layer3 (block 4, iteration 1), 1.50e-04\nfcn8 "));
    assertEquals("--trace requires --out DIR", shell.error("rig:parity cases --trace"));
    shell.run("rig:parity cases --only basic,even");
    assertEquals(2, array("rig:parity cases -n basic,even --json").size());
    assertEquals(1, array("rig:parity cases/basic --json").size());
    shell.error("rig:parity cases --json");
    JsonArray json = JsonParser.parseString(shell.printed()).getAsJsonArray();
    assertTrue(json.get(3).getAsJsonObject().get("worst").isJsonNull());
    assertEquals(4, json.get(3).getAsJsonObject().getAsJsonObject("first").get("block").getAsInt());
    assertTrue(json.get(0).getAsJsonObject().get("first").isJsonNull());
    assertEquals(
        "unroll rcnn is not there", json.get(4).getAsJsonObject().get("error").getAsString());
    assertEquals(
        "no case (a folder with case.json) in " + directory.resolve("cases") + " starts with x",
        shell.error("rig:parity cases -n x"));
    assertEquals(
        directory.resolve("nope") + " is neither a case nor a directory of cases",
        shell.error("rig:parity nope"));
  }

  @Test
  public void parityRowsFitAHundredColumns() throws Exception {
    parityCase("a-case-with-a-long-name", 1e-6, 100);
    String tensor = "train.grad.backbone.layer2.0.downsample.1.weight.of.a.plugin";
    parity.rows.put(
        "a-case-with-a-long-name",
        new Parity.Row(
            "a-case-with-a-long-name", 100, 1e-6, tensor, List.of(1.5, 1.25), Optional.empty()));
    String line = shell.run("rig:parity cases").lines().toList().get(1);
    assertEquals(100, line.length());
    assertTrue(line, line.endsWith("  ....downsample.1.weight.of.a.plugin"));
  }

  @Test
  public void anInterruptEndsParityBetweenTwoCases() throws Exception {
    parityCase("basic", 0, 1);
    Command command = new ParityCommand(parity);
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class,
        () -> command.execute(shell.session(), new ArrayList<>(List.of("cases"))));
    assertFalse(Thread.interrupted());
  }

  @Test
  public void dataIsChecked() throws Exception {
    assertEquals(
        """
        split  images  void %  fingerprint
        train     367   10.00  abcdef0123456789

        class  train %
        road     33.33
        sky      66.67
        """,
        shell.run("rig:data check toy --data frames"));
    assertEquals(List.of("check toy " + directory.resolve("frames")), evaluator.planned);
    evaluator.errors = 12;
    assertEquals("toy has 12 errors", shell.error("rig:data check toy"));
    assertTrue(shell.printed().endsWith("train/1.png: no label\nand 11 more\n"));
    shell.error("rig:data check toy --json");
    assertEquals(
        12, JsonParser.parseString(shell.printed()).getAsJsonObject().get("errorCount").getAsInt());
  }

  @Test
  public void dataMayBeWarnedOf() throws Exception {
    evaluator.warnings = 3;
    assertTrue(
        shell
            .run("rig:data check toy")
            .endsWith("warning: train: 1 has no labelled pixel\nwarning: and 2 more\n"));
  }

  @Test
  public void classesAreCounted() throws Exception {
    assertEquals(
        """
        class  pixels      %  images
        road    3,000  75.00     367
        sky     1,000  25.00       4
        367 images of val, 2,345 pixels of void
        """,
        shell.run("rig:data frequencies toy --data frames --split val --resize 180x240"));
    assertEquals(
        List.of("count toy " + directory.resolve("frames") + " val [180, 240]"), evaluator.planned);
    JsonObject json =
        JsonParser.parseString(shell.run("rig:data frequencies toy --json")).getAsJsonObject();
    assertEquals("train", json.get("split").getAsString());
    assertEquals(
        0.25,
        json.getAsJsonArray("classes").get(1).getAsJsonObject().get("share").getAsDouble(),
        0);
  }

  @Test
  public void classesAreWeighted() throws Exception {
    assertEquals(
        """
        class      %         weight
        road   75.00              1
        sky    25.00  0.00000333333
        --class-weights 1,0.00000333333
        """,
        shell.run("rig:data weights toy"));
    assertTrue(
        shell
            .run("rig:data weights toy --method log")
            .endsWith("\n--class-weights 1.7515,12.3457\n"));
    JsonObject json =
        JsonParser.parseString(shell.run("rig:data weights toy -m log --json")).getAsJsonObject();
    assertEquals("log", json.get("method").getAsString());
    assertEquals(12.3456789012, json.getAsJsonArray("weights").get(1).getAsDouble(), 0);
    assertTrue(
        shell
            .error("rig:data weights toy -m half")
            .startsWith("'half' is not a method; expected "));
  }

  @Test
  public void dataIsShown() throws Exception {
    Path sheet = directory.resolve("toy-val.png");
    assertEquals(sheet + "\n", shell.run("rig:data show toy --split val --count 4"));
    assertTrue(Files.exists(sheet));
    assertEquals("there is no split nope", shell.error("rig:data show toy -s nope"));
    assertEquals("dataset toy has no options", shell.error("rig:data show toy:a=1"));
  }

  @Test
  public void projectsAreWrittenWhereAndAsAsked() throws Exception {
    assertEquals(
        """
        wrote %1$s:
          java/Request[kind=gate, name=my-gate, language=java, group=Optional.empty, packageName=Optional.empty, libraries=[]]
        next:
          cd %1$s && mvn package
          rig plugin check %1$s/target/it.jar
          rig plugin install %1$s/target/it.jar
        """
            .formatted(directory.resolve("my-gate")),
        shell.run("rig:plugin new gate my-gate"));
    String other =
        shell.run("rig:plugin new metric dice -l kotlin --dir here/it --group org.a -p org.a.b");
    assertTrue(
        other,
        other.startsWith(
            "wrote "
                + directory.resolve("here/it")
                + ":\n  kotlin/Request[kind=metric, name=dice, language=kotlin,"
                + " group=Optional[org.a], packageName=Optional[org.a.b], libraries=[]]\n"));
  }

  @Test
  public void pluginsAreChecked() throws Exception {
    assertEquals(
        """
        gate channel-spatial
          passed  resultHasTheShapeOfItsInput          12 ms
          note    tracesToAGraph                        3 ms
                  it reads values
        com.example.gate 1.0.0 holds: 2 checks, 1 note among them
        """,
        shell.run("rig:plugin check gate.jar"));
    assertEquals(Optional.empty(), checks.data);
    assertEquals(PluginChecks.LIMIT, checks.limit);
    shell.run("rig:plugin check --limit 5 gate.jar");
    assertEquals(Duration.ofSeconds(5), checks.limit);
    assertEquals(
        "--limit must be 1 or more seconds, not 0",
        shell.error("rig:plugin check --limit 0 gate.jar"));

    checks.verdict = Verdict.FAILED;
    assertEquals(
        "com.example.gate 1.0.0 fails 1 of 2 checks", shell.error("rig:plugin check gate.jar"));
    shell.error("rig:plugin check --json --data camvid data.jar");
    assertEquals(Optional.of(directory.resolve("camvid")), checks.data);

    checks.verdict = Verdict.PASSED;
    JsonObject report = object("rig:plugin check --json gate.jar");
    JsonObject check = report.getAsJsonArray("checks").get(1).getAsJsonObject();
    assertEquals("1.0.0", report.get("version").getAsString());
    assertEquals("tracesToAGraph", check.get("name").getAsString());
    assertEquals("passed", check.get("verdict").getAsString());
    assertEquals(3, check.get("millis").getAsLong());
  }

  @Test
  public void pluginsComeAndGo() throws Exception {
    assertEquals("no plugins; 'plugin install FILE' installs one\n", shell.run("rig:plugin list"));
    lab.checks.add(new Health.Check("inbox", Health.Status.WARN, "a.jar was refused: no bundle"));
    assertEquals(
        """
        inbox: a.jar was refused: no bundle
        no plugins; 'plugin install FILE' installs one
        """,
        shell.run("rig:plugin list"));
    lab.checks.remove(1);
    assertEquals(
        "installed com.example.gate 1.0.0 (gate channel-spatial) sha-256 0123456789abcdef\n",
        shell.run("rig:plugin install gate.jar"));
    assertEquals(
        """
        name              version  sha-256           state   parts                 users
        com.example.gate  1.0.0    0123456789abcdef  active  gate channel-spatial  network rig
        """,
        shell.run("rig:plugin list"));
    assertEquals(1, array("rig:plugin list --json").size());
    assertEquals(
        "updated com.example.gate 1.1.0 (gate channel-spatial) sha-256 0123456789abcdef from 1.0.0"
            + " in 321 ms\n  moved network rig\n",
        shell.run("rig:plugin update gate.jar"));
    assertEquals(
        "updated com.example.gate 1.0.0 (gate channel-spatial) sha-256 0123456789abcdef from 1.1.0"
            + " in 123 ms\n  moved network rig\n",
        shell.run("rig:plugin rollback com.example.gate"));
    assertEquals(
        "com.example.gate is used by network rig; --force removes it all the same",
        shell.error("rig:plugin remove com.example.gate"));
    shell.run("rig:plugin remove --force com.example.gate");
    assertEquals(List.of(), plugins.installed);
  }

  @Test
  public void pluginsAreExamined() throws Exception {
    String found = shell.run("rig:plugin doctor com.example.gate");
    assertTrue(
        found,
        found.startsWith(
            """
                   check   found
            ok     file    is there
            WRONG  bundle  does not run
            """));
    assertTrue(
        found, found.endsWith("com.example.gate is not healthy: see the first line with WRONG\n"));
    JsonObject json = object("rig:plugin doctor --json com.example.gate");
    assertFalse(json.get("healthy").getAsBoolean());
    assertEquals(2, json.getAsJsonArray("checks").size());
    assertEquals(2, array("rig:plugin kept --json").size());
    String kept = shell.run("rig:plugin kept");
    assertEquals(3, kept.lines().count());
    assertTrue(kept, kept.contains("  " + "0".repeat(16) + "  gone "));
    assertEquals(
        "deleted 1 jars, 0 bytes\n  com.example.gate 0.9.0 sha256:" + "0".repeat(64) + "\n",
        shell.run("rig:plugin prune"));
    // What a run was made with stays.
    assertEquals(Set.of("ff"), plugins.used);
  }

  @Test
  public void demoTrainsSwapsAndReports() throws Exception {
    evaluator.answers.addAll(List.of(0.4, 0.5, 0.3, 0.6));
    DemoPlan plan =
        new DemoPlan(
            "toy",
            "resnet:width=16",
            "6..5",
            2,
            "mul-sigmoid",
            "mul-tanh",
            20,
            10,
            Map.of("lr", "0.1"),
            10,
            "test",
            3);
    Terminal terminal = new Terminal(System.out, false).silent();
    DemoRun.Outcome outcome =
        new DemoRun(bench, bench, trainer, evaluator, registry, report, terminal, plan, 7)
            .run(directory.resolve("page"));
    assertEquals(new DemoRun.Outcome(7, 0.4, 0.5), outcome);

    String common = "dataset=toy, eval_every=10, lr=0.1, seed=";
    assertEquals(
        List.of(
            "demo-feed-forward {" + common + "7, steps=20}",
            "demo-rignet {" + common + "7, steps=20}",
            "demo-rignet {" + common + "8, steps=10}"),
        trainer.planned);
    NetworkSpec flat = bench.networks.get("demo-feed-forward");
    NetworkSpec rig = bench.networks.get("demo-rignet");
    assertEquals(List.of(), flat.feedback());
    assertEquals(List.of(5, 6), rig.feedback());
    assertEquals(flat.backbone(), rig.backbone());
    assertEquals("mul-tanh", rig.gate().name());
    assertEquals(7, rig.seed());

    Report.Page page = report.pages.get(0);
    assertEquals(1, page.entries().get(0).trainings().size());
    assertEquals(2, page.entries().get(1).trainings().size());
    assertEquals(
        List.of("mul-sigmoid, 20 steps", "mul-tanh (just swapped), 20 steps", "mul-tanh, 30 steps"),
        List.copyOf(page.entries().get(1).evaluations().keySet()));
    assertEquals(
        List.of("image-0", "image-3", "image-6"),
        page.entries().get(0).rows().stream().map(Report.Row::name).toList());
    assertEquals("image-0, mul-sigmoid", page.entries().get(1).rows().get(0).name());
    assertEquals("image-0, mul-tanh", page.entries().get(1).rows().get(3).name());
    assertTrue(
        page.summary().get(0),
        page.summary().get(0).contains("40.00 % feed-forward and 50.00 % with recurrent gates"));
    assertTrue(
        page.summary().get(1),
        page.summary().get(1).contains("30.00 % right after the swap, and 60.00 % after 10 more"));
  }

  @Test
  public void demoNeedsItsDataSet() throws Exception {
    assertEquals("there is no dataset shapes; there is toy", shell.error("rig:demo --quick"));
    assertEquals("--seeds and --steps must be 1 or more", shell.error("rig:demo --seeds 0"));
  }

  @Test
  public void demoGivesTheIntervalOfTheDifferenceOfPairs() {
    // differences 0.10 and 0.12: std sqrt(0.0002), times 12.706205 / sqrt(2)
    assertEquals(
        """
        seed     feed-forward mIoU %  RIGNet mIoU %  difference
        0                      50.00          60.00      +10.00
        1                      52.00          64.00      +12.00
        mean                   51.00          62.00      +11.00
        95 % +-                12.71          25.41       12.71
        """,
        DemoCommand.comparison(
                List.of(new DemoRun.Outcome(0, 0.5, 0.6), new DemoRun.Outcome(1, 0.52, 0.64)))
            .toString());
  }

  @Test
  public void demoPlansKeepTheirProportions() {
    DemoPlan plan = DemoPlan.FULL.withSteps(DemoPlan.FULL.steps() * 2);
    assertEquals(DemoPlan.FULL.moreSteps() * 2, plan.moreSteps());
    assertEquals(DemoPlan.FULL.evalEvery() * 2, plan.evalEvery());
    assertEquals(1, DemoPlan.QUICK.withSteps(1).moreSteps());
    assertEquals("test", plan.split().toLowerCase(Locale.ROOT));
  }
}
