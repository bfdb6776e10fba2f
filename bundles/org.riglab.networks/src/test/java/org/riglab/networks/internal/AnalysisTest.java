package org.riglab.networks.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analysis.BlockCall;
import org.riglab.api.bench.Analysis.BlockFigures;
import org.riglab.api.bench.Analysis.GateFigures;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.base.Json;
import org.riglab.graph.internal.analysis.AnalystService;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.networks.Session;
import org.w3c.dom.Document;

/** Counts on traced networks against PyTorch's hooks (analysis.py) and against hand-worked ones. */
public class AnalysisTest {
  @Rule public final TemporaryFolder home = new TemporaryFolder();

  private Bench bench;
  private final CompilerService compiler = new CompilerService();
  private AnalystService analyst;

  @After
  public void close() {
    compiler.close();
  }

  @Before
  public void create() {
    bench = Benches.create(home.getRoot().toPath());
    analyst = new AnalystService(bench.networks, compiler);
  }

  private static List<Map<String, Object>> counted() throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (InputStream in = AnalysisTest.class.getResourceAsStream("analysis.jsonl")) {
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        rows.add(Json.parse(line, "analysis.jsonl"));
      }
    }
    return rows;
  }

  private static long number(Map<String, Object> row, String key) {
    return ((Number) row.get(key)).longValue();
  }

  private static List<Integer> size(Map<String, Object> row) {
    return ((List<?>) row.get("size")).stream().map(side -> ((Number) side).intValue()).toList();
  }

  @Test
  public void parityNetworksCountAsInPyTorch() throws IOException {
    int networks = 0;
    for (Map<String, Object> row : counted()) {
      if (!row.containsKey("spec")) {
        continue;
      }
      String name = (String) row.get("name");
      Map<String, Object> spec = new LinkedHashMap<>();
      spec.put("name", name);
      spec.put("spec", row.get("spec"));
      bench.networks.assemble("counted", bench.networks.spec(spec, name), true);
      Analysis analysis =
          analyst.analyse(
              "counted", (int) number(row, "batch"), size(row).get(0), size(row).get(1));
      assertEquals(name, number(row, "parameters"), analysis.parameters());
      assertEquals(name, number(row, "multiplyAdds"), analysis.multiplyAdds());
      assertEquals(name, number(row, "kept"), analysis.memory().kept());
      networks++;
    }
    assertEquals(25, networks);
  }

  @Test
  public void sharedPartOfTorchvisionsFcnCountsTheSame() throws IOException {
    Map<String, Double> published = Map.of("fcn_resnet50", 152.717, "fcn_resnet101", 232.738);
    Map<String, String> layers = Map.of("fcn_resnet50", "3,4,6,3", "fcn_resnet101", "3,4,23,3");
    for (Map<String, Object> row : counted()) {
      String name = (String) row.get("name");
      if (!published.containsKey(name)) {
        continue;
      }
      PartSpec backbone =
          new PartSpec("resnet", Map.of("layers", layers.get(name), "output_stride", "8"));
      bench.networks.assemble("fcn", feedForward(backbone, 21), true);
      Analysis analysis = analyst.analyse("fcn", 1, 520, 520);
      BlockFigures head = analysis.blocks().get(5);
      assertEquals(number(row, "backbone"), analysis.multiplyAdds() - head.totalMultiplyAdds());
      assertEquals(number(row, "backboneParameters"), analysis.parameters() - head.parameters());
      // The heads are torchvision's own: with them, its published figure comes out.
      double total =
          1e-9
              * (analysis.multiplyAdds()
                  - head.totalMultiplyAdds()
                  + number(row, "head")
                  + number(row, "aux"));
      assertEquals(name, published.get(name), total, 0.0005);
    }
  }

  private static NetworkSpec feedForward(PartSpec backbone, int classes) {
    return new NetworkSpec(
        backbone,
        NetworkSpec.OWN_HEAD,
        PartSpec.of("identity"),
        PartSpec.of("feed-forward"),
        List.of(),
        1,
        classes,
        BatchNormPolicy.SHARED,
        1);
  }

  private Analysis small(String unroll, List<Integer> feedback, int iterations) {
    PartSpec backbone = new PartSpec("resnet", Map.of("layers", "1,1,2,1", "width", "2"));
    NetworkSpec spec =
        new NetworkSpec(
            backbone,
            NetworkSpec.OWN_HEAD,
            PartSpec.of("mul-sigmoid"),
            PartSpec.of(unroll),
            feedback,
            iterations,
            5,
            BatchNormPolicy.PER_ITERATION,
            1);
    bench.networks.assemble("small", spec, true);
    return analyst.analyse("small", 1, 64, 96);
  }

  @Test
  public void depthIsThePapersAndTheLongestPath() {
    // convolutions on the main path: 1 + 3 + 3 + 6 + 3 + 1
    assertEquals(
        new Analysis.Depth(Optional.of(17), 17, 17), small("feed-forward", List.of(), 1).depth());
    // each gated block once more, and its gate's convolution in front
    assertEquals(
        new Analysis.Depth(Optional.of(27), 30, 27),
        small("sequential", List.of(4, 5, 6), 2).depth());
    // paper: B6 once more; longest path: B4's output, its gate, then B4, B5 and B6 again
    assertEquals(
        new Analysis.Depth(Optional.of(18), 24, 23),
        small("parallel", List.of(4, 5, 6), 2).depth());
    // from the logits through gate 4's reduce and conv to the second iteration
    assertEquals(
        new Analysis.Depth(Optional.of(18), 29, 27),
        small("parallel-multi-range", List.of(4, 5, 6), 2).depth());
    assertEquals(
        new Analysis.Depth(Optional.empty(), 28, 27),
        small("rethinking", List.of(4, 5, 6), 2).depth());
  }

  @Test
  public void blocksAndGatesAddUp() {
    Analysis analysis = small("parallel", List.of(4, 5, 6), 3);
    assertEquals(
        List.of(1, 1, 1, 3, 3, 3), analysis.blocks().stream().map(BlockFigures::runs).toList());
    assertEquals(List.of(2L, 16L, 24L), analysis.blocks().get(0).outputShape());
    assertEquals(List.of(5L, 2L, 3L), analysis.blocks().get(5).outputShape());
    // B1: 7x7x3 for 2 channels at 32x48; B6: 64 channels to 5 at 2x3, each iteration
    assertEquals(List.of(7L * 7 * 3 * 2 * 32 * 48), analysis.blocks().get(0).multiplyAdds());
    assertEquals(
        List.of(64L * 5 * 6, 64L * 5 * 6, 64L * 5 * 6), analysis.blocks().get(5).multiplyAdds());
    GateFigures gate = analysis.gates().get(0);
    assertEquals(4, gate.block());
    assertEquals(List.of(4), gate.feedback());
    assertEquals(List.of(List.of(32L, 4L, 6L)), gate.feedbackShapes());
    assertEquals(List.of(16L, 8L, 12L), gate.outputShape());
    assertEquals(32 * 16 * 9 + 16, gate.parameters());
    assertEquals(32L * 16 * 9 * 2 * 3, gate.multiplyAdds());
    assertEquals(2 * gate.multiplyAdds(), gate.totalMultiplyAdds());
    long sum =
        analysis.blocks().stream().mapToLong(BlockFigures::totalMultiplyAdds).sum()
            + analysis.gates().stream().mapToLong(GateFigures::totalMultiplyAdds).sum();
    assertEquals(sum, analysis.multiplyAdds());
  }

  @Test
  public void runsTellWhoFeedsWhom() {
    Analysis parallel = small("parallel", List.of(5, 6), 2);
    assertEquals(
        List.of(
            "B1.1[-1]",
            "B2.1[0]",
            "B3.1[1]",
            "B4.1[2]",
            "B5.1[3]",
            "B6.1[4]",
            "G5.2[3]<4",
            "B5.2[6]",
            "G6.2[7]<5",
            "B6.2[8]"),
        words(parallel));
    assertEquals(List.of(List.of(5), List.of(9)), parallel.predictions());
    Analysis sequential = small("sequential", List.of(5), 3);
    assertEquals(
        List.of(
            "B1.1[-1]",
            "B2.1[0]",
            "B3.1[1]",
            "B4.1[2]",
            "B5.1[3]",
            "G5.2[3]<4",
            "B5.2[5]",
            "G5.3[3]<6",
            "B5.3[7]",
            "B6.1[8]"),
        words(sequential));
    assertEquals(List.of(List.of(9)), sequential.predictions());
    Analysis wide = small("network-wide", List.of(), 2);
    assertEquals("B1.2[-1, 5]", words(wide).get(6));
  }

  private static List<String> words(Analysis analysis) {
    return analysis.runs().stream()
        .map(
            run ->
                (run.gate() ? "G" : "B")
                    + run.block()
                    + "."
                    + run.iteration()
                    + run.inputs()
                    + feedback(run))
        .toList();
  }

  private static String feedback(BlockCall run) {
    return run.feedback().isEmpty() ? "" : "<" + run.feedback().get(0);
  }

  @Test
  public void fieldsGrowWithFeedback() {
    Analysis plain = small("feed-forward", List.of(), 1);
    // 7 and 2*2 in the stem, 2*4, 2*4, 2*8, 2*16 and 2*16 for the 3x3 of each unit
    assertEquals(new Analysis.Field(107, 107), plain.fields().last());
    assertEquals(plain.fields().last(), small("parallel", List.of(6), 2).fields().first());
    assertEquals(plain.fields().last(), small("sequential", List.of(4, 5), 2).fields().first());
    // gate 6: two cells for the resize, four with the 3x3, eight before pooling, 32 pixels apart
    Analysis gated = small("parallel", List.of(6), 2);
    assertEquals(new Analysis.Field(107 + 7 * 32, 107 + 7 * 32), gated.fields().last());
  }

  @Test
  public void listingIsTheSameTwice() {
    small("parallel-multi-range", List.of(1, 2, 3, 4, 5, 6), 3);
    String listing = analyst.listing("small", 1, 64, 96);
    assertEquals(listing, analyst.listing("small", 1, 64, 96));
    assertEquals(
        "%0 = Input() name=image : float32(1, 3, 64, 96)", listing.lines().findFirst().get());
    // conv and reduce with weight and bias, once each although two iterations use them
    assertEquals(6 * 4, listing.lines().filter(line -> line.contains("name=gates.")).count());
  }

  @Test
  public void graphOfATrainingStepHasBothDirections() {
    small("parallel", List.of(5, 6), 2);
    Compiler.Options options = new Compiler.Options(true, Precision.BF16, false, false);
    String graph = analyst.graph("small", 2, 64, 96, options);
    assertEquals(graph, analyst.graph("small", 2, 64, 96, options));
    List<String> lines = graph.lines().toList();
    assertTrue(
        lines.get(0),
        lines
            .get(0)
            .matches(
                "[0-9]+ operations forward, [0-9]+ backward;"
                    + " [0-9,]+ bytes in [0-9]+ arrays are kept in between"));
    for (String heading :
        List.of("forward B1.t1", "forward gate5.t2", "backward gate5.t2", "backward B1.t1")) {
      assertTrue(heading, lines.contains(heading));
    }
    assertTrue(lines.indexOf("backward B6.t2") < lines.indexOf("backward B5.t2"));
    String map = ".* : bfloat16\\(2, [0-9]+, 32, 48\\)";
    for (String line :
        List.of(
            ".* = Convolution\\(.*\\)" + map + " channels_last # backbone.*",
            // batch norm of few channels reads and keeps a copy in another layout
            ".* = Arrange\\(.*\\)" + map + " # backbone.*, kept [0-9,]+ bytes")) {
      assertTrue(line, lines.stream().anyMatch(found -> found.matches(line)));
    }
    // every trained parameter gets its gradient once
    assertEquals(
        graph.lines().filter(line -> line.contains("trained=true")).count(),
        graph.lines().filter(line -> line.contains(" = Store")).count());
  }

  @Test
  public void deterministicGradientsOfResizingAreProducts() {
    small("parallel", List.of(5, 6), 2);
    for (boolean deterministic : new boolean[] {false, true}) {
      String graph =
          analyst.graph(
              "small", 2, 64, 96, new Compiler.Options(true, Precision.FP32, false, deterministic));
      assertEquals(!deterministic, graph.contains(" = ResizeBackward("));
      assertEquals(deterministic, graph.contains(" = Identity("));
    }
  }

  @Test
  public void recomputedPassesKeepLess() {
    small("parallel", List.of(5, 6), 3);
    assertTrue(kept(true) < 0.6 * kept(false));
  }

  private long kept(boolean recompute) {
    Compiler.Options options = new Compiler.Options(true, Precision.FP32, recompute, false);
    String graph = analyst.graph("small", 2, 64, 96, options);
    Matcher matcher = Pattern.compile("; ([0-9,]+) bytes").matcher(graph);
    assertTrue(matcher.find());
    return Long.parseLong(matcher.group(1).replace(",", ""));
  }

  @Test
  public void blocksOfEveryBackboneTrace() {
    Map<String, PartSpec> backbones =
        Map.of(
            "unet", new PartSpec("unet", Map.of("width", "2")),
            "vgg", new PartSpec("vgg16", Map.of("width", "2")),
            "vgg-bn", new PartSpec("vgg16", Map.of("width", "2", "batch_norm", "true")),
            "fcn8s", new PartSpec("vgg16", Map.of("width", "2", "classifier", "fcn8s")),
            "fcn16s", new PartSpec("resnet", Map.of("width", "2", "classifier", "fcn16s")),
            "aspp", new PartSpec("resnet", Map.of("width", "2", "classifier", "aspp")));
    backbones.forEach(
        (name, backbone) -> {
          for (String unroll : List.of("parallel-multi-range", "sequential")) {
            NetworkSpec spec =
                new NetworkSpec(
                    backbone,
                    NetworkSpec.OWN_HEAD,
                    PartSpec.of("mul-tanh"),
                    PartSpec.of(unroll),
                    List.of(3, 5),
                    2,
                    3,
                    BatchNormPolicy.PER_ITERATION,
                    1);
            bench.networks.assemble(name, spec, true);
            Analysis analysis = analyst.analyse(name, 2, 96, 64);
            assertEquals(name, List.of(1, 1), gateRuns(analysis));
            assertTrue(name, analysis.memory().kept() < analysis.memory().held());
            assertTrue(name, analyst.picture(analysis).contains(">G5</text>"));
          }
        });
    // A U-Net's skips come from where they are made, and not from the blocks that carry them.
    Analysis unet = analyst.analyse("unet", 1, 96, 64);
    BlockCall decoder =
        unet.runs().stream().filter(run -> run.block() == 8 && !run.gate()).findFirst().get();
    assertEquals(
        List.of(2, 7),
        decoder.inputs().stream().map(source -> unet.runs().get(source).block()).toList());
    // VGG-16 sees 212 pixels behind its last pool (Luo et al., NIPS 2016)
    assertEquals(212, analyst.analyse("vgg", 1, 96, 64).fields().first().height());
  }

  private static List<Integer> gateRuns(Analysis analysis) {
    return analysis.gates().stream().map(GateFigures::runs).toList();
  }

  @Test
  public void feedbackOfTheNextBlockIsTold() {
    NetworkSpec spec =
        new NetworkSpec(
            new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "2")),
            NetworkSpec.OWN_HEAD,
            PartSpec.of("mul-sigmoid"),
            new PartSpec("parallel", Map.of("source", "next")),
            List.of(3, 5),
            2,
            3,
            BatchNormPolicy.PER_ITERATION,
            1);
    bench.networks.assemble("next", spec, true);
    Analysis analysis = analyst.analyse("next", 2, 96, 64);
    assertEquals(
        List.of(List.of(4), List.of(6)),
        analysis.gates().stream().map(GateFigures::feedback).toList());
  }

  @Test
  public void gateThatReadsValuesIsNamed() {
    FakeRegistry registry = Benches.registry();
    registry.put("reader", new Reader());
    bench = new Bench(home.getRoot().toPath(), registry);
    analyst = new AnalystService(bench.networks, compiler);
    NetworkSpec spec =
        new NetworkSpec(
            new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", "2")),
            NetworkSpec.OWN_HEAD,
            PartSpec.of("reader"),
            PartSpec.of("parallel"),
            List.of(5),
            2,
            3,
            BatchNormPolicy.PER_ITERATION,
            1);
    bench.networks.assemble("read", spec, true);
    assertEquals(
        Reader.class.getName()
            + "$1 (gate 5, iteration 2) cannot be traced: it calls toFloatArray, which reads"
            + " values; compute with arrays instead",
        assertThrows(RigException.class, () -> analyst.analyse("read", 1, 64, 64)).getMessage());
  }

  /** A gate that looks at its feedback. */
  private static final class Reader implements Gate {
    @Override
    public Block create(GateShape shape, Options options) {
      return new AbstractBlock() {
        @Override
        protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
          float first = inputs.get(1).toFloatArray()[0];
          return new NDList(inputs.head().mul(first));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
          return new Shape[] {inputs[0]};
        }
      };
    }
  }

  @Test
  public void pictureIsWellFormedAndHasEveryRun() throws Exception {
    Analysis analysis = small("parallel", List.of(4, 5, 6), 3);
    Document svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(analyst.picture(analysis).getBytes(UTF_8)));
    assertEquals("svg", svg.getDocumentElement().getTagName());
    // 3 + 3 * 3 blocks, the image and the background; 2 * 3 gates and one in the legend
    assertEquals(12 + 2, svg.getElementsByTagName("rect").getLength());
    assertEquals(6 + 1, svg.getElementsByTagName("circle").getLength());
  }

  @Test
  public void networkInUseIsAnalysedAllTheSame() {
    Analysis idle = small("parallel", List.of(5), 2);
    try (Session session = bench.networks.open("small", "training", Device.cpu())) {
      assertEquals(idle, analyst.analyse("small", 1, 64, 96));
      assertEquals(idle.parameters(), trained(session));
    }
  }

  private static long trained(Session session) {
    return session.state().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(parameter -> parameter.getShape().size())
        .sum();
  }

  @Test
  public void badSizesAreOneLine() {
    small("feed-forward", List.of(), 1);
    assertEquals(
        "batch and size must be 1 or more, not 0 and 4x4",
        assertThrows(RigException.class, () -> analyst.analyse("small", 0, 4, 4)).getMessage());
    assertEquals(
        "there is no network 'nobody'; there is small",
        assertThrows(RigException.class, () -> analyst.analyse("nobody", 1, 4, 4)).getMessage());
  }
}
