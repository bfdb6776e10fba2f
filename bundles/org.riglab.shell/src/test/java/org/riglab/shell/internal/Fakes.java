package org.riglab.shell.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.riglab.api.Options;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.author.Parity;
import org.riglab.api.author.PluginChecks;
import org.riglab.api.author.Templates;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.Cost;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Figure;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Lease;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Precision;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Report;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.Setting;
import org.riglab.api.bench.SideBySide;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Trainer;
import org.riglab.api.bench.Training;
import org.riglab.api.bench.WeightFile;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.bench.Weights;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Scores;

/**
 * Services that compute nothing, remember what they were asked for and answer with fixed values.
 */
final class Fakes {
  static final ClassTable CLASSES =
      new ClassTable(
          List.of(new ClassTable.Entry("road", 0x804080), new ClassTable.Entry("sky", 0x4682b4)));

  static final PartInfo GATE =
      new PartInfo(
          "gate",
          "mul-sigmoid",
          "the paper's gate",
          List.of(new OptionInfo("pool", "choice", "avg", List.of("avg", "max", "none"))),
          "org.riglab.gates",
          "0.1.0",
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          7);

  static final PartInfo CONFUSION =
      new PartInfo(
          "metric", "confusion", "mIoU", List.of(), "org.riglab.metrics", "0.1.0", "89ab", 8);

  private Fakes() {}

  /** The commands that need no more than these. */
  static List<Command> commands(
      FakeBench bench,
      FakeTrainer trainer,
      FakeEvaluator evaluator,
      FakeRegistry registry,
      FakeReport report,
      FakeLab lab,
      FakePlugins plugins,
      FakeChecks checks,
      FakeParity parity) {
    return List.of(
        new AblateCommand(bench, bench, trainer, evaluator, registry, lab),
        new AssembleCommand(bench, registry),
        new CancelCommand(lab),
        new CompareCommand(lab, bench, evaluator),
        new DataCommand(evaluator, registry, report),
        new DemoCommand(bench, bench, trainer, evaluator, registry, report),
        new DiscardCommand(bench),
        new EvalCommand(evaluator, report),
        new ExportCommand(bench),
        new ForwardCommand(bench, bench),
        new ImportCommand(bench, registry),
        new WeightsCommand(bench),
        new ListCommand(registry),
        new LogCommand(plugin -> List.of(), bench),
        new MoveCommand(lab),
        new NetworksCommand(bench),
        new ParityCommand(parity),
        new PauseCommand(lab),
        new PluginCommand(
            plugins,
            new FakeCatalogue(),
            lab,
            new Fakes.FakeTemplates(),
            checks,
            bench,
            trainer,
            evaluator),
        new PredictCommand(bench, bench, report, List.of()),
        new PriorityCommand(lab),
        new QueueCommand(lab),
        new RecipesCommand(trainer),
        new ReplayCommand(lab),
        new ResumeCommand(lab),
        new RetryCommand(lab),
        new RunCommand(lab),
        new RunsCommand(lab),
        new ScoreCommand(evaluator),
        new ShowCommand(bench, new Fakes.FakeAnalyst()),
        new StatusCommand(lab),
        new SubmitCommand(lab, trainer),
        new SwapCommand(bench),
        new SweepCommand(lab, trainer),
        new TrainCommand(trainer, lab));
  }

  static final class FakeBench implements Networks, Weights, Predictions {
    /** The network that cannot be assembled. */
    String refuses;

    /** The unroll strategy of specs that cannot be assembled. */
    String unsound;

    final Path home;
    final Map<String, NetworkSpec> networks = new TreeMap<>();
    final List<String> calls = new ArrayList<>();
    final List<Inference> inferences = new ArrayList<>();

    FakeBench(Path home) {
      this.home = home;
    }

    @Override
    public Path home() {
      return home;
    }

    @Override
    public NetworkSpec spec(Map<String, ?> json, String where) {
      if (!(json.get("classes") instanceof Long classes)) {
        throw new RigException(where + ": classes is missing");
      }
      NetworkSpec standard = Specs.standard(classes.intValue(), 11);
      if (!(json.get("unroll") instanceof String unroll)) {
        return standard;
      }
      boolean flat = unroll.equals("feed-forward");
      return new NetworkSpec(
          standard.backbone(),
          standard.head(),
          standard.gate(),
          PartSpec.of(unroll),
          flat || unroll.startsWith("network-wide") ? List.of() : standard.feedback(),
          flat ? 1 : standard.iterations(),
          standard.classes(),
          standard.batchNorm(),
          standard.seed());
    }

    @Override
    public void check(NetworkSpec spec) {
      if (spec.unroll().name().equals(unsound)) {
        throw new RigException("unroll " + unsound + " cannot be assembled");
      }
    }

    @Override
    public String json(NetworkSpec spec) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Network assemble(String name, NetworkSpec spec, boolean replace) {
      if (networks.containsKey(name) && !replace) {
        throw new RigException("there is a network " + name + " already");
      }
      if (name.equals(refuses)) {
        throw new RigException("no such gate");
      }
      networks.put(name, spec);
      return get(name);
    }

    @Override
    public List<String> names() {
      return List.copyOf(networks.keySet());
    }

    @Override
    public Network get(String name) {
      if (!networks.containsKey(name)) {
        throw new RigException("there is no network " + name);
      }
      if (networks.get(name).gate().name().equals("missing")) {
        throw new RigException("there is no gate missing");
      }
      return new FakeNetwork(name, this);
    }

    @Override
    public WeightTransfer swap(String name, NetworkSpec spec) {
      networks.put(name, spec);
      return new WeightTransfer(
          List.of("backbone.conv1.weight"),
          IntStream.range(0, 14).mapToObj(i -> "gates." + i + ".conv.weight").toList(),
          List.of(),
          List.of());
    }

    @Override
    public void discard(String name) {
      calls.add("discard " + name);
      networks.remove(name);
    }

    @Override
    public void release(String name) {
      calls.add("release " + name);
    }

    @Override
    public WeightFile list(Path file) {
      calls.add("list " + file.getFileName());
      return new WeightFile(
          "PyTorch (zip)",
          Map.of("format", "pt"),
          List.of(
              new WeightFile.Tensor("model", "conv1.weight", "float16", List.of(64L, 3L, 7L, 7L)),
              new WeightFile.Tensor("model", "bn1.weight", "float32", List.of(64L)),
              new WeightFile.Tensor("optimizer", "0.step", "int64", List.of())));
    }

    @Override
    public ImportReport read(String name, Path file, ImportSpec spec) {
      calls.add("import " + name + " " + file.getFileName() + " " + spec);
      return new ImportReport(
          List.of("backbone.conv1.weight"),
          List.of("classifier.bias"),
          List.of("head.weight (the network has no such tensor)"),
          List.of("fc.bias"),
          "npz",
          "'backbone.' put in front",
          "",
          "bgr, 0 to 255",
          List.of(
              new ImportReport.Row(
                  ImportReport.Fate.MATCHED,
                  "conv1.weight",
                  "backbone.conv1.weight",
                  "float16",
                  List.of(64L, 3L, 7L, 7L),
                  ""),
              new ImportReport.Row(
                  ImportReport.Fate.MISSING, "", "classifier.bias", "", List.of(21L), ""),
              new ImportReport.Row(
                  ImportReport.Fate.LEFT_OVER,
                  "head.weight",
                  "",
                  "float32",
                  List.of(7L),
                  "the network has no such tensor"),
              new ImportReport.Row(
                  ImportReport.Fate.IGNORED,
                  "fc.bias",
                  "",
                  "float32",
                  List.of(1000L),
                  "the classifier of a classification network")));
    }

    @Override
    public void write(String name, String format, List<Integer> size, Path file) {
      calls.add(
          "export "
              + name
              + " "
              + format
              + " "
              + file.getFileName()
              + (size.isEmpty() ? "" : " " + size));
    }

    @Override
    public void forward(NetworkSpec spec, Path weights, Path input, Path output) {
      calls.add(
          String.join(
              " ",
              "forward",
              String.valueOf(spec.classes()),
              weights.getFileName().toString(),
              input.getFileName().toString(),
              output.getFileName().toString()));
    }

    @Override
    public Opened open(Path file) {
      throw new AssertionError("the shell opens networks by name");
    }

    @Override
    public Prediction predict(String name, RgbImage image, List<String> maps, Inference inference) {
      calls.add("predict " + name + " " + image.width() + " " + maps);
      inferences.add(inference);
      byte[] labels = new byte[image.height() * image.width()];
      return new Prediction(
          image.height(),
          image.width(),
          List.of(labels, labels),
          maps.isEmpty()
              ? Map.of()
              : Map.of("gate.4.t2", new FeatureMap(1, 1, 1, new float[] {1})));
    }
  }

  static final class FakeParity implements Parity {
    final Map<String, Row> rows = new TreeMap<>();

    @Override
    public Row compare(Path folder, Optional<Path> out, boolean trace) {
      Row row = rows.get(folder.getFileName().toString());
      if (row == null) {
        throw new RigException("unroll rcnn is not there");
      }
      return row;
    }
  }

  private record FakeNetwork(String name, FakeBench bench) implements Network {
    @Override
    public NetworkSpec spec() {
      return bench.networks.get(name);
    }

    @Override
    public List<PartInfo> parts() {
      return List.of(GATE);
    }

    @Override
    public Map<String, List<Long>> state() {
      return Map.of();
    }

    @Override
    public List<BlockRow> blocks(int height, int width) {
      return List.of(
          new BlockRow(1, "stem", List.of(16L, height / 4L, width / 4L), 2400, -1, 1),
          new BlockRow(2, "classifier", List.of(5L, height / 8L, width / 8L), 1_000_000, 54, 2));
    }

    @Override
    public ClassTable classes() {
      return CLASSES;
    }
  }

  static final class FakeAnalyst implements Analyst {
    @Override
    public Analysis analyse(String network, int batch, int height, int width) {
      if (height < 32) {
        throw new RigException("backbone toy (org.example 1.0.0) is given too small an image");
      }
      return new Analysis(
          network,
          Specs.standard(2, 0),
          batch,
          height,
          width,
          List.of(
              new Analysis.BlockFigures(
                  1,
                  "stem",
                  List.of(16L, height / 4L, width / 4L),
                  2400,
                  1,
                  List.of(1_500_000_000L),
                  1_500_000_000L,
                  new Analysis.Memory(batch << 20, batch << 21),
                  1)),
          List.of(
              new Analysis.GateFigures(
                  1,
                  List.of(1, 2),
                  List.of(List.of(16L, 8L, 8L), List.of(2L, 8L, 8L)),
                  List.of(3L, 64L, 64L),
                  54,
                  2,
                  250_000_000,
                  500_000_000,
                  new Analysis.Memory(batch << 19, batch << 20))),
          2454,
          2_000_000_000L,
          new Analysis.Memory(3L * batch << 19, 3L * batch << 20),
          new Analysis.Depth(Optional.empty(), 7, 5),
          new Analysis.ReceptiveFields(new Analysis.Field(107, 107), new Analysis.Field(331, 299)),
          List.of(),
          List.of());
    }

    @Override
    public String picture(Analysis analysis) {
      return "<svg>" + analysis.height() + "</svg>\n";
    }

    @Override
    public String listing(String network, int batch, int height, int width) {
      return "%0 = Input()\n";
    }

    @Override
    public String graph(
        String network, int batch, int height, int width, Compiler.Options options) {
      return "%s %d %dx%d %s%n".formatted(network, batch, height, width, options);
    }
  }

  static final class FakeRegistry implements Registry {
    int open;

    @Override
    public List<PartInfo> parts(String kind) {
      return kind.isEmpty() || kind.equals("gate") ? List.of(GATE) : List.of();
    }

    @Override
    public List<PartInfo> partsOf(long bundleId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <P extends Provider> Lease<P> lease(Class<P> kind, String name, String user) {
      if (!name.equals("toy")) {
        throw new RigException("there is no dataset " + name + "; there is toy");
      }
      open++;
      P service = kind.cast(new FakeDataset());
      return new Lease<>() {
        @Override
        public P service() {
          return service;
        }

        @Override
        public PartInfo part() {
          throw new UnsupportedOperationException();
        }

        @Override
        public boolean retiring() {
          return false;
        }

        @Override
        public boolean revoked() {
          return false;
        }

        @Override
        public void close() {
          open--;
        }
      };
    }

    @Override
    public Options options(String part, Provider provider, Map<String, ?> values) {
      if (!values.isEmpty()) {
        throw new RigException(part + " has no options");
      }
      return null;
    }

    @Override
    public List<String> users(long bundleId) {
      return List.of();
    }

    @Override
    public void retire(long bundleId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void block(long bundleId, String why) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> blocked(long bundleId) {
      return Optional.empty();
    }

    @Override
    public void reinstate(long bundleId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitUnused(long bundleId, long millis) {
      throw new UnsupportedOperationException();
    }
  }

  static final class FakeDataset implements Dataset, Images, Split {
    @Override
    public Images open(Optional<Path> directory, Options options) {
      return this;
    }

    @Override
    public ClassTable classes() {
      return CLASSES;
    }

    @Override
    public List<String> splits() {
      return List.of("train", "val", "test");
    }

    @Override
    public Split split(String name) {
      if (!splits().contains(name)) {
        throw new RigException("there is no split " + name);
      }
      return this;
    }

    @Override
    public int size() {
      return 10;
    }

    @Override
    public String id(int index) {
      return "image-" + index;
    }

    @Override
    public Sample sample(int index) {
      return new Sample(id(index), 2, 3, new byte[18], new byte[6]);
    }

    @Override
    public String fingerprint() {
      return "f";
    }
  }

  static final class FakeTrainer implements Trainer {
    final List<String> planned = new ArrayList<>();
    Training.End end = Training.End.FINISHED;

    @Override
    public List<OptionInfo> options() {
      List<OptionInfo> options = new ArrayList<>();
      add(options, TrainSpec.class);
      for (String name : List.of("scale", "flip", "coarse")) {
        options.add(new OptionInfo(name, "text", "x", List.of()));
      }
      options.removeIf(option -> option.name().equals("network"));
      return options;
    }

    private static void add(List<OptionInfo> options, Class<?> record) {
      for (var component : record.getRecordComponents()) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null && component.getType().isRecord()) {
          add(options, component.getType());
        } else {
          String name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
          String about = setting == null ? "" : setting.about();
          options.add(new OptionInfo(name, "text", "x", List.of(), about));
        }
      }
    }

    @Override
    public List<Recipe> recipes() {
      return List.of(
          recipe("plain"), new Recipe("mine", "", "/home/recipes/mine.json", Map.of("lr", 0.5)));
    }

    @Override
    public Recipe recipe(String name) {
      Map<String, Object> options = new LinkedHashMap<>();
      options.put("steps", 20L);
      options.put("size", List.of(2L, 3L));
      return new Recipe(name, "nothing special", "", options);
    }

    @Override
    public TrainSpec plan(Map<String, ?> options) {
      return plan("", options);
    }

    @Override
    public TrainSpec plan(String network, Map<String, ?> options) {
      planned.add(network + " " + new TreeMap<>(options));
      return spec(network);
    }

    static TrainSpec spec(String network) {
      List<Double> ones = List.of(1.0, 1.0, 1.0);
      return new TrainSpec(
          network,
          "plain",
          new TrainSpec.Data(
              PartSpec.of("toy"),
              "",
              "train",
              "val",
              0,
              List.of(),
              TrainSpec.Channels.RGB,
              1,
              ones,
              ones,
              List.of(1.0)),
          new TrainSpec.Transforms(
              List.of(2, 3),
              List.of(PartSpec.of("scale"), PartSpec.of("crop"), PartSpec.of("flip"))),
          new TrainSpec.Objective(
              PartSpec.of("cross-entropy"), "none", List.of(), 0, "fixed", false, "unrolled"),
          new TrainSpec.Optimiser("sgd", 0.1, 1, 1, 1, 0.9, 0.9, 0.999, 0, 1, 1, 0, false, 0),
          new TrainSpec.Schedule("poly", 0.9, 0, 0, 0.01),
          new TrainSpec.Budget(0, 20, 4, 1, 0, 0, 0, 10, 0, "mIoU", "best"),
          new TrainSpec.Engine(
              0,
              1,
              Execution.EAGER,
              Precision.FP32,
              false,
              false,
              "cpu",
              "libtorch",
              1,
              1,
              "auto"));
    }

    @Override
    public Training train(TrainSpec spec, Observer observer) {
      observer.step(new Observer.Step(20, 20, 0.25, 1e-3, 10, 0.01, 0));
      return training(spec);
    }

    @Override
    public Training resume(String network, Map<String, ?> options, Observer observer) {
      planned.add("resume " + network + " " + new TreeMap<>(options));
      return training(spec(network));
    }

    @Override
    public Training resume(String network, Path run, Map<String, ?> options, Observer observer) {
      planned.add("resume " + run.getFileName() + " " + new TreeMap<>(options));
      return training(spec(network));
    }

    private Training training(TrainSpec spec) {
      return new Training(
          spec.network() + "-1",
          Path.of("runs", spec.network() + "-1"),
          spec,
          end,
          List.of(new Training.Point(19, 0.5, 0.01), new Training.Point(20, 0.25, 0.001)),
          List.of(
              new Training.Validation(10, List.of(0.3, 0.35)),
              new Training.Validation(20, List.of(0.36, 0.413))),
          0.413,
          20,
          12.25,
          0.004);
    }
  }

  static final class FakeEvaluator implements Evaluator {
    /** Multiply-adds of an iteration. */
    double macs = 1e9;

    final List<String> planned = new ArrayList<>();
    final List<Double> answers = new ArrayList<>();
    final List<String> fingerprints = new ArrayList<>();
    int errors;
    int warnings;
    String refused = "";

    @Override
    public List<OptionInfo> options() {
      return List.of();
    }

    @Override
    public EvalSpec plan(Map<String, ?> options) {
      return plan("", options);
    }

    @Override
    public EvalSpec plan(String network, Map<String, ?> options) {
      planned.add(network + " " + new TreeMap<>(options));
      if (!refused.isEmpty() && planned.get(planned.size() - 1).contains(refused)) {
        throw new RigException("no such option: " + refused);
      }
      return new EvalSpec(
          network,
          PartSpec.of("toy"),
          "",
          "val",
          0,
          List.of(180, 240),
          EvalSpec.Scoring.WARPED,
          List.of(1.0),
          false,
          List.of(),
          Inference.OVERLAP,
          List.of(),
          0,
          0,
          0,
          options.get("until") instanceof String until ? until : "",
          Boolean.TRUE.equals(options.get("cost")),
          Boolean.TRUE.equals(options.get("per_image")),
          List.of(PartSpec.of("confusion")),
          0,
          Execution.EAGER,
          Precision.FP32,
          "cpu");
    }

    @Override
    public SideBySide compare(
        EvalSpec spec, NetworkSpec first, NetworkSpec second, int most, Observer observer) {
      planned.add(
          first.gate().name()
              + first.iterations()
              + " "
              + second.gate().name()
              + second.iterations());
      return new SideBySide(
          spec,
          "ab",
          new ClassTable(List.of(new ClassTable.Entry("sky", 1), new ClassTable.Entry("road", 2))),
          3,
          variant(first, 0.5),
          variant(second, 0.625),
          0.25,
          List.of(new SideBySide.Difference("0001", 0.5, 0.75, 0.25)));
    }

    private static SideBySide.Variant variant(NetworkSpec spec, double score) {
      Scores scores =
          new Scores(Map.of("mIoU", score), Map.of("IoU", List.of(score, Double.NaN)), List.of());
      boolean trained = spec.gate().name().equals("mul-sigmoid");
      return new SideBySide.Variant(
          spec,
          List.of(),
          new WeightTransfer(
              List.of("backbone.conv1.weight"),
              trained ? List.of() : List.of("gates.4.conv.weight"),
              List.of(),
              List.of()),
          java.util.Collections.nCopies(spec.iterations(), scores),
          1.5);
    }

    @Override
    public Evaluation evaluate(EvalSpec spec, Observer observer) {
      double answer = answers.isEmpty() ? 0.625 : answers.remove(0);
      return new Evaluation(
          spec,
          Specs.standard(2, 0),
          List.of(GATE, CONFUSION),
          fingerprints.isEmpty() ? "print" : fingerprints.remove(0),
          CLASSES,
          233,
          List.of(scores(0.5), scores(answer)),
          17.25,
          spec.cost()
              ? new Cost(List.of(2, 1, 2), List.of(macs, 2 * macs), 1.6 * macs, List.of(3.0, 5.0))
              : new Cost(List.of(2, 2), List.of(), Double.NaN, List.of()),
          List.of());
    }

    static Scores scores(double mIoU) {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("mIoU", mIoU);
      values.put("pAcc", 0.75);
      values.put("mAcc", Double.NaN);
      return new Scores(
          values,
          Map.of("IoU", List.of(mIoU, Double.NaN)),
          List.of(List.of(3L, 1L), List.of(0L, 4L)));
    }

    @Override
    public Scores score(
        Path predictions, Path labels, int classes, int voidLabel, List<PartSpec> metrics) {
      planned.add(
          String.join(
              " ",
              "score",
              predictions.getFileName().toString(),
              labels.getFileName().toString(),
              String.valueOf(classes),
              String.valueOf(voidLabel),
              metrics.stream().map(Parts::text).collect(Collectors.joining(","))));
      return scores(0.5);
    }

    @Override
    public DataReport check(PartSpec dataset, String data, Observer observer) {
      planned.add("check " + Parts.text(dataset) + " " + data);
      return new DataReport(
          List.of(new SplitReport("train", 367, List.of(30L, 60L, 10L), "abcdef0123456789abcdef")),
          errors == 0 ? List.of() : List.of("train/1.png: no label"),
          errors,
          warnings == 0 ? List.of() : List.of("train: 1 has no labelled pixel"),
          warnings);
    }

    @Override
    public List<String> weightings() {
      return List.of("median-frequency", "log");
    }

    @Override
    public ClassFrequencies frequencies(
        PartSpec dataset, String data, String split, List<Integer> resize, Observer observer) {
      planned.add(
          String.join(" ", "count", Parts.text(dataset), data, split, String.valueOf(resize)));
      return new ClassFrequencies(
          split.isEmpty() ? "train" : split,
          367,
          List.of(
              new ClassFrequency("road", 3000, 0.75, 367),
              new ClassFrequency("sky", 1000, 0.25, 4)),
          2345,
          Map.of("median-frequency", List.of(1.0, 1 / 3e5), "log", List.of(1.7515, 12.3456789012)));
    }

    @Override
    public Pixels pixels(
        PartSpec dataset, String data, String split, int limit, Observer observer) {
      planned.add(String.join(" ", "pixels", Parts.text(dataset), data, split, "" + limit));
      return new Pixels(
          "train",
          367,
          1000,
          List.of(127.5, 51.0, 25.5),
          List.of(255.0, 51.0, 76.5),
          List.of(127.0, 51.0, 25.0),
          List.of(250.0, 50.0, 75.0));
    }
  }

  static final class FakeReport implements Report {
    final List<Page> pages = new ArrayList<>();
    final List<Row> strips = new ArrayList<>();
    final List<String> titles = new ArrayList<>();

    private static void touch(Path file) {
      try {
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[0]);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public RgbImage read(Path file, boolean upright) {
      if (!Files.exists(file)) {
        throw new RigException("there is no picture " + file);
      }
      return new RgbImage(2, 3, new byte[18]);
    }

    @Override
    public void labelMap(Path png, byte[] labels, int height, int width, ClassTable classes) {
      touch(png);
    }

    @Override
    public void confusion(Path png, List<List<Long>> counts, ClassTable classes, String title) {
      titles.add(title + " " + counts);
      touch(png);
    }

    @Override
    public void overlay(Path png, RgbImage image, byte[] labels, ClassTable classes) {
      touch(png);
    }

    @Override
    public void strip(Path png, List<Row> rows, ClassTable classes) {
      strips.addAll(rows);
      touch(png);
    }

    final List<Figure> figures = new ArrayList<>();

    @Override
    public String svg(Figure figure) {
      figures.add(figure);
      return "<svg>" + figure.title() + "</svg>";
    }

    @Override
    public String svg(Figure.Matrix matrix) {
      return "<svg>" + matrix.title() + "</svg>";
    }

    @Override
    public void inspection(Path html, Inspection inspection, Optional<Path> folder) {
      touch(html);
    }

    @Override
    public List<Layer> layers(Path directory, Row row, ClassTable classes) {
      throw new AssertionError("no command draws layers");
    }

    @Override
    public void contactSheet(Path png, Split split, int count, ClassTable classes) {
      touch(png);
    }

    @Override
    public Path page(Path directory, Page page) {
      pages.add(page);
      return directory.resolve("index.html");
    }
  }

  /** Remembers what it was asked to write. */
  static final class FakeTemplates implements Templates {
    @Override
    public List<String> kinds() {
      return List.of("gate");
    }

    @Override
    public List<String> languages() {
      return List.of("java");
    }

    @Override
    public Project write(Request request, Path directory) {
      Path part = Path.of(request.language(), request.toString());
      return new Project(directory, List.of(part), part, Path.of("target", "it.jar"));
    }
  }

  static final class FakePlugins implements Plugins {
    final List<Plugin> installed = new ArrayList<>();
    Set<String> used = Set.of();

    static Plugin plugin(String version) {
      return new Plugin(
          "com.example.gate",
          version,
          GATE.sha256(),
          "active",
          List.of("gate channel-spatial"),
          List.of("network rig"));
    }

    @Override
    public List<Plugin> list() {
      return installed;
    }

    @Override
    public Plugin install(String source, boolean replace) {
      installed.add(plugin("1.0.0"));
      return installed.get(0);
    }

    @Override
    public Update update(String source) {
      return new Update(plugin("1.0.0"), plugin("1.1.0"), List.of("network rig"), 321);
    }

    @Override
    public <T> T visit(Path jar, BiFunction<Plugin, Long, T> look) {
      return look.apply(plugin("1.0.0"), 7L);
    }

    @Override
    public Update rollback(String name) {
      return new Update(plugin("1.1.0"), plugin("1.0.0"), List.of("network rig"), 123);
    }

    @Override
    public Diagnosis doctor(String name) {
      return new Diagnosis(
          name,
          false,
          List.of(new Check("file", true, "is there"), new Check("bundle", false, "does not run")),
          kept());
    }

    @Override
    public List<Kept> kept() {
      return List.of(
          new Kept(
              "com.example.gate", "1.0.0", GATE.sha256(), 4711, Instant.ofEpochSecond(0), true),
          new Kept(
              "com.example.gate", "0.9.0", "0".repeat(64), 0, Instant.ofEpochSecond(0), false));
    }

    @Override
    public List<Kept> prune(Set<String> used) {
      this.used = used;
      return kept().subList(1, 2);
    }

    @Override
    public void remove(String name, boolean force) {
      if (!force) {
        throw new RigException(name + " is used by network rig; --force removes it all the same");
      }
      installed.clear();
    }
  }

  static final class FakeChecks implements PluginChecks {
    Verdict verdict = Verdict.NOTE;
    Optional<Path> data;
    Duration limit;

    @Override
    public Report check(Path jar, Optional<Path> folder, Duration most, Consumer<Check> ended) {
      data = folder;
      limit = most;
      String gate = "gate channel-spatial";
      List<Check> checks =
          List.of(
              new Check(gate, "resultHasTheShapeOfItsInput", Verdict.PASSED, "", 12),
              new Check(gate, "tracesToAGraph", verdict, "it reads values", 3));
      checks.forEach(ended);
      return new Report("com.example.gate", "1.0.0", GATE.sha256(), checks);
    }
  }
}
