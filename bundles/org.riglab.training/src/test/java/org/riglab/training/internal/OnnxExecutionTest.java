package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Benchmark;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Execution;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.OnnxRunner;
import org.riglab.api.bench.Precision;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;
import org.riglab.datasets.internal.ShapesDataset;
import org.riglab.evaluation.internal.EvaluatorService;
import org.riglab.graph.internal.export.ExporterService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.metrics.internal.BoundaryMetric;
import org.riglab.metrics.internal.ChangeRateMetric;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.CompiledTest;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.StrangerGate;
import org.riglab.onnxruntime.internal.OnnxRuntimeRunner;
import org.riglab.parts.RecordOptions;
import org.riglab.tensors.HostTensor;

/** Evaluation in ONNX Runtime gives the scores that evaluation in libtorch does. */
public class OnnxExecutionTest {
  private static final String SPEC =
      """
      {"classes": 6, "iterations": 2, "feedback": [4, 5, 6], "gate": "mul-sigmoid",
       "unroll": "parallel",
       "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "block": "basic", "width": 8}}\
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private final CompilerService compiler = new CompilerService();
  private Bench bench;
  private EvaluatorService evaluator;

  @Before
  public void open() {
    registry.put("shapes", new ShapesDataset());
    registry.put("confusion", new ConfusionMetric());
    registry.put("change-rate", new ChangeRateMetric());
    registry.put("boundary", new BoundaryMetric());
    bench = Benches.create(folder.getRoot().toPath(), registry);
    connect(new OnnxRuntimeRunner());
    evaluator = new EvaluatorService(registry, bench.networks);
    bench.networks.assemble("rig", bench.networks.spec(Json.parse(SPEC, "spec"), "spec"), false);
  }

  @After
  public void close() {
    bench.close();
    compiler.close();
  }

  private void connect(OnnxRunner runner) {
    bench.connect(compiler, new ExporterService(), runner);
  }

  private Evaluation evaluate(Map<String, ?> mode, String execution) {
    Map<String, Object> options = new HashMap<>(mode);
    options.put("dataset", "shapes");
    options.put("limit", 6);
    options.put("threads", 1);
    options.put("execution", execution);
    options.put("metrics", "confusion,change-rate,boundary");
    return evaluator.evaluate(evaluator.plan("rig", options), Observer.NONE);
  }

  private static long pixels(List<List<Long>> confusion) {
    return confusion.stream().flatMap(List::stream).mapToLong(Math::abs).sum();
  }

  /** How many entries of a confusion matrix are in another place. */
  private static long moved(Scores a, Scores b) {
    long moved = 0;
    for (int row = 0; row < a.confusion().size(); row++) {
      for (int column = 0; column < a.confusion().size(); column++) {
        moved += Math.abs(a.confusion().get(row).get(column) - b.confusion().get(row).get(column));
      }
    }
    return moved / 2;
  }

  @Test
  public void everyModeScoresAsCompiled() {
    Map<String, Map<String, ?>> modes = new LinkedHashMap<>();
    modes.put("plain", Map.of());
    modes.put("resized", Map.of("resize", "48x72"));
    modes.put("original", Map.of("resize", "48x72", "scoring", "original"));
    modes.put("scales, flip", Map.of("scales", "0.5,1,1.25", "flip", true));
    modes.put("window", Map.of("window", "40x56"));
    modes.put("input scales", Map.of("input_scales", "1,0.75,0.5"));
    List<String> wrong = new ArrayList<>();
    modes.forEach(
        (name, mode) -> {
          List<Scores> wanted = evaluate(mode, "compiled").iterations();
          List<Scores> got = evaluate(mode, "onnx").iterations();
          assertEquals(2, got.size());
          for (int t = 0; t < 2; t++) {
            long all = pixels(got.get(t).confusion());
            long moved = moved(wanted.get(t), got.get(t));
            if (all == 0 || moved > all / 10_000) {
              wrong.add("%s, iteration %d: %d of %d pixels".formatted(name, t + 1, moved, all));
            }
            Map<String, Double> values = got.get(t).values();
            wanted
                .get(t)
                .values()
                .forEach(
                    (metric, value) -> {
                      if (Math.abs(value - values.get(metric)) > 1e-3) {
                        wrong.add(name + ", " + metric + " " + value);
                      }
                    });
          }
        });
    assertEquals(List.of(), wrong);
  }

  @Test
  public void logitsAreTheNetworksOwn() {
    try (Session session = bench.networks.open("rig", "test", Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, HostTensor> values = session.values();
      for (Shape shape : List.of(new Shape(2, 3, 64, 96), new Shape(1, 3, 33, 41))) {
        NDArray image = manager.randomNormal(shape);
        Map<String, HostTensor> wanted = new LinkedHashMap<>();
        Map<String, HostTensor> got = new LinkedHashMap<>();
        try (Session plain = bench.networks.open(session.spec(), Device.cpu())) {
          plain.load(values);
          plain.onnx(1);
          List<NDArray> logits = session.forward(image, false);
          List<NDArray> foreign = plain.forward(image, false);
          for (int t = 0; t < 2; t++) {
            assertEquals(manager, foreign.get(t).getManager());
            wanted.put("logits." + t, CompiledTest.host(logits.get(t)));
            got.put("logits." + t, CompiledTest.host(foreign.get(t)));
            assertEquals(logits.get(t).getShape(), foreign.get(t).getShape());
          }
          assertEquals(
              "a model in ONNX Runtime cannot be trained",
              assertThrows(IllegalStateException.class, () -> plain.forward(image, true))
                  .getMessage());
        }
        double worst = CompiledTest.worst(wanted, got);
        assertTrue("" + worst, worst <= 1e-5);
      }
    }
  }

  private String refused(Object... options) {
    Map<String, Object> given = new HashMap<>(Map.of("dataset", "shapes", "execution", "onnx"));
    for (int i = 0; i < options.length; i += 2) {
      given.put((String) options[i], options[i + 1]);
    }
    return assertThrows(
            RigException.class,
            () -> evaluator.evaluate(evaluator.plan("rig", given), Observer.NONE))
        .getMessage();
  }

  private static List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().matches("riglab.*[.]onnx")).toList();
    }
  }

  @Test
  public void refusesWhatItCannotDo() throws IOException {
    List<Path> before = left();
    assertEquals(
        "evaluation: option 'precision' is bf16; it must be fp32 where execution is onnx",
        refused("precision", "bf16"));
    EvalSpec spec = evaluator.plan("rig", Map.of("dataset", "shapes", "execution", "onnx"));
    Map<String, Object> values = RecordOptions.values(spec);
    values.put("device", "gpu0");
    EvalSpec onGpu = RecordOptions.record("evaluation", EvalSpec.class, values, values);
    assertEquals(
        "evaluation: option 'device' is gpu0; it must be cpu where execution is onnx",
        assertThrows(RigException.class, () -> evaluator.evaluate(onGpu, Observer.NONE))
            .getMessage());
    connect(null);
    assertEquals(
        "execution onnx requires the bundle org.riglab.onnxruntime, which is not installed",
        refused());
    connect(
        (file, threads) -> {
          assertTrue(Files.exists(file));
          throw new RigException("no");
        });
    assertEquals("no", refused());
    connect(new OnnxRuntimeRunner());
    registry.put("mul-sigmoid", new StrangerGate(true));
    bench.networks.assemble("rig", bench.networks.spec(Json.parse(SPEC, "spec"), "spec"), true);
    assertEquals(
        "org.riglab.networks.internal.StrangerGate$Scale (gate 4, iteration 2) cannot be traced:"
            + " it calls getFloat, which reads values; compute with arrays instead",
        refused());
    assertEquals(before, left());
    Benchmark.Load training =
        new Benchmark.Load(
            1, 33, 33, Execution.ONNX, Precision.FP32, false, 1, true, true, 1, "cpu");
    assertEquals(
        "bench: execution onnx is for inference; use --only infer",
        assertThrows(
                RigException.class,
                () ->
                    new BenchmarkService(registry, registry, bench.networks, bench.networks)
                        .time(bench.networks.get("rig").spec(), training))
            .getMessage());
  }

  @Test
  public void filesThatAreNoModelsAreNamed() throws IOException {
    Path file = folder.newFile("no.onnx").toPath();
    Files.writeString(file, "this is not protobuf");
    String message =
        assertThrows(RigException.class, () -> new OnnxRuntimeRunner().load(file, 1)).getMessage();
    assertTrue(message, message.startsWith("ONNX Runtime cannot load " + file + ": "));
    assertEquals(1, message.lines().count());
    Path none = folder.getRoot().toPath().resolve("none.onnx");
    message =
        assertThrows(RigException.class, () -> new OnnxRuntimeRunner().load(none, 1)).getMessage();
    assertTrue(message, message.startsWith("ONNX Runtime cannot load " + none + ": "));
  }
}
