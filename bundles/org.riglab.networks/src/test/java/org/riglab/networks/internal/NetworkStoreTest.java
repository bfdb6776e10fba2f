package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.RgbImage;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.NetworkIdentity;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

public class NetworkStoreTest {
  private static final PartSpec TINY =
      new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 2, "output_stride", 8));

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Path home;
  private Bench bench;

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    bench = new Bench(home, registry);
  }

  private static NetworkSpec spec(String gate, String unroll, int iterations, int... feedback) {
    List<Integer> blocks = new ArrayList<>();
    for (int k : feedback) {
      blocks.add(k);
    }
    return new NetworkSpec(
        TINY,
        NetworkSpec.OWN_HEAD,
        PartSpec.of(gate),
        PartSpec.of(unroll),
        blocks,
        iterations,
        3,
        BatchNormPolicy.PER_ITERATION,
        7);
  }

  private static NetworkSpec parallel() {
    return spec("mul-sigmoid", "parallel", 2, 4, 5, 6);
  }

  private static RgbImage noise(int height, int width) {
    byte[] rgb = new byte[height * width * 3];
    new Random(1).nextBytes(rgb);
    return new RgbImage(height, width, rgb);
  }

  private float[] logits(String name) {
    return bench
        .predictions
        .predict(name, noise(33, 41), List.of("logits.*"))
        .maps()
        .values()
        .stream()
        .reduce((first, second) -> second)
        .orElseThrow()
        .values();
  }

  private Map<String, HostTensor> values(String name) {
    try (Session session = bench.networks.open(name, "test", Device.cpu())) {
      return session.values();
    }
  }

  @Test
  public void namesParametersAsPyTorchDoes() {
    Map<String, List<Long>> state = bench.networks.assemble("rig", parallel(), false).state();
    assertEquals(List.of(2L, 3L, 7L, 7L), state.get("backbone.conv1.weight"));
    assertEquals(List.of(8L), state.get("backbone.layer1.0.downsample.1.running_var"));
    assertEquals(List.of(16L, 32L, 1L, 1L), state.get("backbone.layer4.0.conv1.weight"));
    assertEquals(List.of(3L), state.get("classifier.bias"));
    // block 5 takes layer3's 32 channels and is fed by its own 64
    assertEquals(List.of(32L, 64L, 3L, 3L), state.get("gates.5.conv.weight"));
  }

  @Test
  public void keepsStatisticsPerIterationOnlyWhereABlockRunsAgain() {
    Map<String, List<Long>> state = bench.networks.assemble("rig", parallel(), false).state();
    assertFalse(state.containsKey("backbone.layer2.0.bn1.running_mean.t2"));
    assertTrue(state.containsKey("backbone.layer3.0.bn1.running_mean.t2"));
    assertFalse(state.containsKey("backbone.layer3.0.bn1.running_mean.t3"));
  }

  @Test
  public void startsFromTheSeedParameterByParameter() {
    bench.networks.assemble("a", parallel(), false);
    bench.networks.assemble("b", spec("mul-tanh", "feed-forward", 1), false);
    Map<String, HostTensor> a = values("a");
    values("b")
        .forEach(
            (name, tensor) -> assertArrayEquals(name, tensor.values(), a.get(name).values(), 0));
    NetworkSpec p = parallel();
    bench.networks.assemble(
        "c",
        new NetworkSpec(
            p.backbone(), p.head(), p.gate(), p.unroll(), p.feedback(), 2, 3, p.batchNorm(), 8),
        false);
    assertTrue(
        values("c").get("gates.4.conv.bias").values()[0] != a.get("gates.4.conv.bias").values()[0]);
  }

  @Test
  public void anotherProcessFindsTheSameNetwork() {
    bench.networks.assemble("rig", parallel(), false);
    float[] before = logits("rig");
    bench.close();
    bench = new Bench(home, registry);
    assertEquals(List.of("rig"), bench.networks.names());
    assertEquals(parallel().gate(), bench.networks.get("rig").spec().gate());
    assertArrayEquals(before, logits("rig"), 0);
  }

  @Test
  public void swappingThereAndBackGivesTheSameLogits() {
    bench.networks.assemble("rig", parallel(), false);
    float[] before = logits("rig");
    WeightTransfer transfer =
        bench.networks.swap("rig", spec("add-relu", "sequential", 2, 4, 5, 6));
    assertEquals(List.of(), transfer.initialised());
    assertEquals(List.of(), transfer.leftOver());
    bench.networks.swap("rig", parallel());
    assertArrayEquals(before, logits("rig"), 0);
  }

  /** Values that no seed gives. */
  private void disturb(String name, float by) {
    try (Session session = bench.networks.open(name, "test", Device.cpu())) {
      Map<String, HostTensor> values = session.values();
      Random random = new Random(3);
      values.forEach(
          (tensor, value) -> {
            boolean positive = tensor.contains("running_var");
            for (int i = 0; i < value.values().length; i++) {
              value.values()[i] += by * (positive ? random.nextFloat() : random.nextFloat() - 0.5f);
            }
          });
      session.load(values);
      session.save(session.trainedOn());
    }
  }

  private void thereAndBack(NetworkSpec a, NetworkSpec b) {
    bench.networks.assemble("rig", a, true);
    disturb("rig", 0.1f);
    float[] before = logits("rig");
    Map<String, HostTensor> values = values("rig");
    bench.networks.swap("rig", b);
    WeightTransfer back = bench.networks.swap("rig", a);
    assertEquals(List.of(), back.initialised());
    assertEquals(values.keySet(), values("rig").keySet());
    values("rig")
        .forEach((n, tensor) -> assertArrayEquals(n, values.get(n).values(), tensor.values(), 0));
    assertArrayEquals(before, logits("rig"), 0);
  }

  private static NetworkSpec with(NetworkSpec spec, PartSpec backbone, PartSpec gate) {
    return new NetworkSpec(
        backbone,
        spec.head(),
        gate,
        spec.unroll(),
        spec.feedback(),
        2,
        3,
        spec.batchNorm(),
        spec.seed());
  }

  @Test
  public void anyPartThatComesBackHasTheWeightsItWentWith() {
    NetworkSpec a = parallel();
    PartSpec wider = new PartSpec("resnet", Map.of("layers", "1,1,1,2", "width", 4));
    PartSpec same = a.gate();
    thereAndBack(a, with(a, TINY, PartSpec.of("identity")));
    thereAndBack(a, with(a, TINY, PartSpec.of("add-relu")));
    thereAndBack(a, with(a, wider, same));
    thereAndBack(a, with(a, wider, PartSpec.of("identity")));
    thereAndBack(a, spec("mul-sigmoid", "sequential", 2, 4, 5, 6));
    thereAndBack(a, spec("mul-sigmoid", "feed-forward", 1));
    thereAndBack(a, spec("mul-sigmoid", "network-wide-gated", 2));
    thereAndBack(spec("mul-sigmoid", "parallel", 4, 4, 5, 6), a);
    thereAndBack(
        spec("mul-sigmoid", "parallel", 2, 4, 5, 6), spec("mul-sigmoid", "parallel", 2, 6));
  }

  @Test
  public void whatWentWithOnePartIsNotGivenToAnother() {
    NetworkSpec a = parallel();
    PartSpec wider = new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 4));
    PartSpec wide = new PartSpec("resnet", Map.of("layers", "1,1,1,2", "width", 4));
    bench.networks.assemble("rig", a, false);
    bench.networks.swap("rig", with(a, wider, a.gate()));
    disturb("rig", 1);
    bench.networks.swap("rig", a);
    WeightTransfer other = bench.networks.swap("rig", with(a, wide, a.gate()));
    assertTrue(other.restored().stream().allMatch(name -> name.startsWith("gates.")));
    assertTrue(other.initialised().contains("backbone.conv1.weight"));
  }

  @Test
  public void anIdentityIsKeptUntilTheNetworkIsGone() {
    Path directory = home.resolve("models/net");
    bench.networks.assemble("net", parallel(), false);
    String first = NetworkIdentity.of(directory);
    assertFalse(first.isEmpty());
    bench.networks.swap("net", spec("mul-tanh", "parallel", 2, 4, 5, 6));
    assertEquals(first, NetworkIdentity.of(directory));
    bench.networks.assemble("net", parallel(), true);
    String second = NetworkIdentity.of(directory);
    assertNotEquals(first, second);
    bench.networks.discard("net");
    bench.networks.assemble("net", parallel(), false);
    assertNotEquals(second, NetworkIdentity.of(directory));
  }

  @Test
  public void aNewNetworkOfTheSameNameStartsWithNothing() {
    NetworkSpec a = parallel();
    NetworkSpec none = with(a, TINY, PartSpec.of("identity"));
    bench.networks.assemble("rig", a, false);
    bench.networks.swap("rig", none);
    assertTrue(Files.exists(home.resolve("models/rig/parked.safetensors")));
    bench.networks.assemble("rig", none, true);
    assertEquals(List.of(), bench.networks.swap("rig", a).restored());
    bench.networks.discard("rig");
    assertFalse(Files.exists(home.resolve("models/rig")));
  }

  @Test
  public void refusesNumbersOfIterationsThatTakeForever() {
    for (int iterations : List.of(0, 1001)) {
      assertEquals(
          "iterations must be 1 to 1000, not " + iterations,
          assertThrows(
                  RigException.class,
                  () ->
                      bench.networks.assemble(
                          "rig", spec("mul-sigmoid", "parallel", iterations, 6), false))
              .getMessage());
    }
    assertEquals(List.of(), bench.networks.names());
  }

  @Test
  public void aSpecIsCheckedAsItIsAssembledAndLeavesNothing() {
    NetworkSpec good = parallel();
    bench.networks.check(good);
    for (NetworkSpec wrong :
        List.of(
            spec("none", "parallel", 2, 6),
            spec("mul-sigmoid", "parallel", 2, 7),
            spec("mul-sigmoid", "feed-forward", 1, 6),
            with(good, TINY, new PartSpec("mul-sigmoid", Map.of("init", "bogus"))),
            with(good, new PartSpec("resnet", Map.of("width", -1)), good.gate()))) {
      String message =
          assertThrows(RigException.class, () -> bench.networks.check(wrong)).getMessage();
      assertEquals(
          message,
          assertThrows(RigException.class, () -> bench.networks.assemble("rig", wrong, false))
              .getMessage());
    }
    assertEquals(List.of(), bench.networks.names());
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void aFailedSwapChangesNothing() {
    bench.networks.assemble("rig", parallel(), false);
    float[] before = logits("rig");
    assertThrows(
        RigException.class, () -> bench.networks.swap("rig", spec("none", "parallel", 2, 6)));
    assertEquals("mul-sigmoid", bench.networks.get("rig").spec().gate().name());
    assertArrayEquals(before, logits("rig"), 0);
  }

  @Test
  public void laterIterationsStartWithTheLastStatistics() {
    bench.networks.assemble("rig", parallel(), false);
    String name = "backbone.layer4.0.bn1.running_mean";
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      Map<String, HostTensor> values = session.values();
      java.util.Arrays.fill(values.get(name + ".t2").values(), 5);
      session.load(values);
      session.save(session.trainedOn());
    }
    WeightTransfer transfer =
        bench.networks.swap("rig", spec("mul-sigmoid", "parallel", 4, 4, 5, 6));
    assertEquals(List.of(), transfer.initialised());
    assertEquals(0, values("rig").get(name).values()[0], 0);
    assertEquals(5, values("rig").get(name + ".t4").values()[0], 0);
  }

  @Test
  public void anotherBackboneKeepsWhatFits() {
    bench.networks.assemble("rig", spec("mul-sigmoid", "feed-forward", 1), false);
    NetworkSpec wider =
        new NetworkSpec(
            new PartSpec("resnet", Map.of("layers", "1,1,1,2", "width", 2)),
            NetworkSpec.OWN_HEAD,
            PartSpec.of("mul-sigmoid"),
            PartSpec.of("feed-forward"),
            List.of(),
            1,
            3,
            BatchNormPolicy.PER_ITERATION,
            7);
    WeightTransfer transfer = bench.networks.swap("rig", wider);
    assertTrue(transfer.matched().contains("backbone.layer4.0.conv1.weight"));
    assertTrue(
        transfer.initialised().stream().allMatch(name -> name.startsWith("backbone.layer4.1.")));
    assertEquals(15, transfer.initialised().size()); // three convolutions, three times four of bn
  }

  @Test
  public void showsMapsByName() {
    bench.networks.assemble("rig", parallel(), false);
    Prediction prediction =
        bench.predictions.predict(
            "rig", noise(33, 41), List.of("gate.6.t2", "block.1.*", "logits.t1"));
    assertEquals(2, prediction.labels().size());
    assertEquals(33 * 41, prediction.answer().length);
    assertEquals(
        java.util.Set.of("gate.6.t2", "block.1.t1", "logits.t1"), prediction.maps().keySet());
    assertEquals(2, prediction.maps().get("block.1.t1").channels());
    assertEquals(9, prediction.maps().get("block.1.t1").height());
    for (float value : prediction.maps().get("gate.6.t2").values()) {
      assertTrue("a sigmoid is between 0 and 1", value > 0 && value < 1);
    }
  }

  @Test
  public void stemRunsOncePerPass() {
    bench.networks.assemble("rig", parallel(), false);
    assertEquals(
        List.of("block.3.t1"),
        List.copyOf(
            bench.predictions.predict("rig", noise(9, 9), List.of("block.3.*")).maps().keySet()));
  }

  @Test
  public void answersAtTheImagesOwnSizeHoweverSmall() {
    bench.networks.assemble("rig", parallel(), false);
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      TrainedOn before = session.trainedOn();
      session.save(
          new TrainedOn(
              PartSpec.of("folder"),
              "",
              List.of(65, 97),
              before.normalization(),
              before.inputs(),
              before.classes()));
    }
    assertEquals(3 * 5, bench.predictions.predict("rig", noise(3, 5), List.of()).answer().length);
  }

  @Test
  public void oneRunAtATime() {
    bench.networks.assemble("rig", parallel(), false);
    try (Session session = bench.networks.open("rig", "run rig-1", Device.cpu())) {
      assertEquals(parallel().unroll(), session.spec().unroll());
      RigException e =
          assertThrows(
              RigException.class, () -> bench.predictions.predict("rig", noise(9, 9), List.of()));
      assertTrue(e.getMessage(), e.getMessage().contains("in use by run rig-1"));
    }
    assertEquals(2, bench.predictions.predict("rig", noise(9, 9), List.of()).labels().size());
  }

  @Test
  public void idleNetworksLetGoOfARetiringPart() {
    bench.networks.assemble("rig", parallel(), false);
    long id =
        bench.networks.get("rig").parts().stream()
            .filter(part -> part.kind().equals("gate"))
            .findFirst()
            .orElseThrow()
            .bundleId();
    assertEquals(4, registry.open.size());
    registry.retire(id);
    assertEquals(0, registry.open.size());
    assertEquals(2, bench.predictions.predict("rig", noise(9, 9), List.of()).labels().size());
  }

  @Test
  public void renewingKeepsEveryValue() {
    bench.networks.assemble("rig", parallel(), false);
    float[] before = logits("rig");
    try (Session session = bench.networks.open("rig", "run rig-1", Device.cpu())) {
      registry.retiring.add("mul-sigmoid");
      assertTrue(session.stale());
      registry.retiring.clear();
      session.renew();
      assertFalse(session.stale());
      session.save(session.trainedOn());
    }
    assertArrayEquals(before, logits("rig"), 0);
  }

  @Test
  public void aLostPartLeavesTheValues() {
    bench.networks.assemble("rig", parallel(), false);
    try (Session session = bench.networks.open("rig", "run rig-1", Device.cpu())) {
      int tensors = session.values().size();
      registry.providers.remove("mul-sigmoid");
      assertThrows(RigException.class, session::renew);
      assertEquals(tensors, session.values().size());
    }
    assertEquals(0, registry.open.size());
  }

  private String complaint(String gate, Function<GateShape, Block> create) {
    Gate provider =
        new Gate() {
          @Override
          public Block create(GateShape shape, Options options) {
            return create.apply(shape);
          }
        };
    registry.put(gate, provider);
    return assertThrows(
            RigException.class,
            () -> {
              bench.networks.assemble(gate, spec(gate, "parallel", 2, 5, 6), true);
              bench.predictions.predict(gate, noise(33, 41), List.of());
            })
        .getMessage();
  }

  private static Block lambda(Function<NDList, NDList> function) {
    return new LambdaBlock(function, "gate");
  }

  @Test
  public void namesAGateThatMisbehaves() {
    assertEquals(
        "gate thrower (bundle.thrower 1.0.0) at block 5 failed: IllegalStateException: no luck",
        complaint(
            "thrower",
            shape -> {
              throw new IllegalStateException("no luck");
            }));
    assertEquals(
        "gate shaper (bundle.shaper 1.0.0) at block 5, iteration 2 returned shape (1, 64, 5, 6);"
            + " expected its input's shape (1, 32, 5, 6)",
        complaint("shaper", shape -> lambda(list -> new NDList(list.get(1)))));
    assertEquals(
        "gate empty (bundle.empty 1.0.0) at block 5, iteration 2 returned nothing",
        complaint("empty", shape -> lambda(list -> new NDList())));
    assertEquals(
        "the logits of prediction 2 are not finite: gate nan (bundle.nan 1.0.0) at block 5,"
            + " iteration 2 returned NaN or infinity",
        complaint("nan", shape -> lambda(list -> new NDList(list.head().mul(Float.NaN)))));
    bench.networks.assemble("good", parallel(), false);
    assertEquals(
        33 * 41, bench.predictions.predict("good", noise(33, 41), List.of()).answer().length);
  }

  @Test
  public void namesTheParametersOfAnyDjlBlock() {
    registry.put(
        "plain",
        new Gate() {
          @Override
          public Block create(GateShape shape, Options options) {
            Block conv = Conv2d.builder().setKernelShape(new Shape(1, 1)).setFilters(8).build();
            Block more =
                Conv2d.builder()
                    .setKernelShape(new Shape(1, 1))
                    .setFilters(shape.inputChannels())
                    .build();
            return new SequentialBlock().add(list -> new NDList(list.head())).add(conv).add(more);
          }
        });
    Map<String, List<Long>> state =
        bench.networks.assemble("rig", spec("plain", "parallel", 2, 5, 6), false).state();
    assertEquals(List.of(8L, 32L, 1L, 1L), state.get("gates.5.02Conv2d.weight"));
    assertEquals(List.of(32L), state.get("gates.5.03Conv2d.bias"));
  }

  @Test
  public void sweepsWhatAStepLeaves() {
    bench.networks.assemble("rig", parallel(), false);
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      int parameters = session.manager().getManagedArrays().size();
      for (int i = 0; i < 3; i++) {
        try (NDManager step = session.manager().newSubManager()) {
          Torch.withoutGrad(() -> session.forward(step.ones(new Shape(1, 3, 33, 33)), true));
        }
        session.sweep();
        assertEquals(parameters, session.manager().getManagedArrays().size());
      }
    }
  }

  @Test
  public void complainsInOneLine() {
    assertEquals(
        "there is no network 'x'; assemble makes one",
        assertThrows(RigException.class, () -> bench.networks.get("x")).getMessage());
    assertThrows(RigException.class, () -> bench.networks.assemble("../x", parallel(), false));
    assertEquals(
        "feedback names block 7; backbone resnet and head fcn have blocks 1 to 6",
        assertThrows(
                RigException.class,
                () -> bench.networks.assemble("x", spec("mul-sigmoid", "parallel", 2, 7), false))
            .getMessage());
    assertEquals(
        "unroll parallel with 2 iterations needs feedback: name the gated blocks, for example 6..4",
        assertThrows(
                RigException.class,
                () -> bench.networks.assemble("x", spec("mul-sigmoid", "parallel", 2), false))
            .getMessage());
    assertFalse(Files.exists(home.resolve("models").resolve("x")));
    assertEquals(0, registry.open.size());
    bench.networks.assemble("x", parallel(), false);
    assertThrows(RigException.class, () -> bench.networks.assemble("x", parallel(), false));
  }

  private void trainStep(Session session) {
    Torch.withGrad(
        true,
        () -> {
          try (NDManager manager = session.manager().newSubManager()) {
            NDList logits =
                session.forward(
                    TrainingReference.sines(manager, new Shape(2, 3, 33, 41), 1, 0.37, 0), true);
            PtNDArray sum = (PtNDArray) logits.get(logits.size() - 1).square().sum();
            JniUtils.backward(sum, (PtNDArray) sum.onesLike(), false, false);
          }
          session.sweep();
          return null;
        });
  }

  @Test
  public void feedbackThatNothingWouldUseIsRefused() {
    for (String unroll : List.of("feed-forward", "network-wide", "network-wide-gated")) {
      String line =
          "unroll " + unroll + " has no feedback to single blocks: feedback must be none, not 6";
      Map<String, Object> json = new HashMap<>(Map.of("unroll", unroll, "classes", 3L));
      assertEquals(
          "nothing said is none", List.of(), bench.networks.spec(json, "x.json").feedback());
      assertEquals(
          unroll.equals("feed-forward") ? 1 : 2, bench.networks.spec(json, "x.json").iterations());
      json.put("feedback", List.of());
      assertEquals(List.of(), bench.networks.spec(json, "x.json").feedback());
      json.put("feedback", List.of(6L));
      assertEquals(
          "network spec x.json: " + line,
          assertThrows(RigException.class, () -> bench.networks.spec(json, "x.json")).getMessage());
      NetworkSpec spec = spec("mul-sigmoid", unroll, 2, 6);
      assertEquals(
          line,
          assertThrows(RigException.class, () -> bench.networks.assemble("useless", spec, false))
              .getMessage());
    }
    assertEquals(List.of(), bench.networks.names());
    assertEquals(
        "strategies that use it have it unless somebody says otherwise",
        List.of(4, 5, 6),
        bench.networks.spec(Map.of("classes", 3L), "x.json").feedback());
  }

  @Test
  public void aSessionCanFreezeBatchNorm() {
    bench.networks.assemble("rig", parallel(), false);
    Map<String, HostTensor> before = values("rig");
    String mean = "backbone.layer3.0.bn1.running_mean.t2";
    String weight = "backbone.layer3.0.bn1.weight";
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      session.freezeBatchNorm();
      trainStep(session);
      assertArrayEquals(before.get(mean).values(), session.values().get(mean).values(), 0f);
      assertFalse(session.state().get(weight).requiresGradient());
      session.renew();
      assertFalse("also of new parts", session.state().get(weight).requiresGradient());
      assertTrue(session.state().get("backbone.conv1.weight").requiresGradient());
    }
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      assertTrue("for one session only", session.state().get(weight).requiresGradient());
      trainStep(session);
      assertFalse(Arrays.equals(before.get(mean).values(), session.values().get(mean).values()));
    }
  }

  private void trainedOn(Normalization normalization, MultiScaleInputs inputs) {
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      session.save(
          new TrainedOn(
              PartSpec.of("folder"),
              "",
              List.of(),
              normalization,
              inputs,
              session.trainedOn().classes()));
    }
  }

  @Test
  public void predictsWithThePixelsThatTheWeightsWant() {
    bench.networks.assemble("rig", parallel(), false);
    Normalization caffe =
        new Normalization(
            TrainSpec.Channels.BGR, 255, List.of(104.0, 117.0, 123.0), List.of(57.0, 57.0, 58.0));
    trainedOn(caffe, MultiScaleInputs.SINGLE);
    RgbImage image = noise(33, 41);
    float[] want;
    try (Session session = bench.networks.open("rig", "test", Device.cpu());
        NDManager manager = session.manager().newSubManager()) {
      float[] planes = new float[3 * 33 * 41];
      for (int i = 0; i < 33 * 41; i++) {
        for (int c = 0; c < 3; c++) {
          planes[c * 33 * 41 + i] =
              (float)
                  ((Byte.toUnsignedInt(image.rgb()[3 * i + 2 - c]) - caffe.mean().get(c))
                      / caffe.std().get(c));
        }
      }
      want =
          Torch.withoutGrad(
              () ->
                  session
                      .forward(manager.create(planes, new Shape(1, 3, 33, 41)), false)
                      .get(1)
                      .toFloatArray());
    }
    assertArrayEquals(want, logits("rig"), 1e-3f);
  }

  @Test
  public void predictsAtTheInputScalesOfTheTraining() {
    bench.networks.assemble("rig", parallel(), false);
    float[] single = logits("rig");
    trainedOn(Normalization.IMAGENET, new MultiScaleInputs(List.of(0.5, 1.0)));
    float[] map = logits("rig");
    assertArrayEquals("maps are those of scale 1", single, map, 0f);
    Prediction both = bench.predictions.predict("rig", noise(33, 41), List.of());
    assertEquals(2, both.labels().size());
    trainedOn(Normalization.IMAGENET, MultiScaleInputs.SINGLE);
    Prediction one = bench.predictions.predict("rig", noise(33, 41), List.of());
    assertFalse(Arrays.equals(one.answer(), both.answer()));
  }

  @Test
  public void readsNetworksOfBeforeThereWasAChoice() throws Exception {
    bench.networks.assemble("rig", parallel(), false);
    Path file = home.resolve("models/rig/network.safetensors");
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    // blanks in place of the younger keys: the header keeps its length
    for (String key : List.of("\\\"channels\\\": \\\"rgb\\\",", "\\\"pixel_range\\\": 1,")) {
      assertTrue(key + " in " + text.substring(0, 3000), text.contains(key));
      text = text.replace(key, " ".repeat(key.length()));
    }
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    try (Session session = new Bench(home, registry).networks.open("rig", "test", Device.cpu())) {
      assertEquals(Normalization.IMAGENET, session.trainedOn().normalization());
      assertEquals(MultiScaleInputs.SINGLE, session.trainedOn().inputs());
    }
  }

  private Normalization imported(Map<String, String> metadata, ImportSpec.Pixels pixels) {
    Path file = home.resolve("backbone.safetensors");
    Map<String, HostTensor> some = new LinkedHashMap<>(values("rig"));
    some.remove("classifier.weight");
    Safetensors.write(file, some, metadata);
    ImportReport done =
        bench.weights.read(
            "rig",
            file,
            new ImportSpec(false, Map.of(), ImportSpec.ExtraInputs.ZERO, pixels, false));
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      Normalization now = session.trainedOn().normalization();
      boolean said = !metadata.isEmpty() || pixels != ImportSpec.Pixels.FILE;
      assertEquals(said ? now.words() : "", done.pixels());
      return now;
    }
  }

  @Test
  public void weightsBringWhatPixelsTheyWant() {
    bench.networks.assemble("rig", parallel(), false);
    assertEquals(Normalization.IMAGENET, imported(Map.of(), ImportSpec.Pixels.FILE));
    assertEquals(Normalization.CAFFE, imported(Map.of(), ImportSpec.Pixels.CAFFE));
    assertEquals(
        "bgr, 0 to 255, mean 104.008,116.669,122.675, std 1,1,1", Normalization.CAFFE.words());
    assertEquals("as it was", Normalization.CAFFE, imported(Map.of(), ImportSpec.Pixels.FILE));
    assertEquals(
        new Normalization(
            TrainSpec.Channels.BGR, 1, List.of(0.4, 0.5, 0.6), List.of(0.2, 0.2, 0.2)),
        imported(
            Map.of(
                "riglab.pixels",
                "{\"channels\": \"bgr\", \"pixel_range\": 1, \"mean\": [0.4, 0.5, 0.6],"
                    + " \"std\": [0.2, 0.2, 0.2]}"),
            ImportSpec.Pixels.FILE));
    for (String bad :
        List.of(
            "{}",
            "{\"channels\": \"grb\", \"mean\": [0, 0, 0], \"std\": [1, 1, 1]}",
            "{\"channels\": \"rgb\", \"mean\": [0, 0], \"std\": [1, 1, 1]}",
            "{\"channels\": \"rgb\", \"mean\": [0, 0, 0], \"std\": [1, 0, 1]}",
            "{\"pixel_range\": 7, \"mean\": [0, 0, 0], \"std\": [1, 1, 1]}",
            "{\"mean\": \"grey\", \"std\": [1, 1, 1]}")) {
      String message =
          assertThrows(
                  RigException.class,
                  () -> imported(Map.of("riglab.pixels", bad), ImportSpec.Pixels.FILE))
              .getMessage();
      assertTrue(message, message.contains("its riglab.pixels must have channels (rgb or bgr)"));
    }
    assertEquals(
        "and nothing has changed",
        0.4,
        imported(Map.of(), ImportSpec.Pixels.FILE).mean().get(0),
        0);
    assertEquals(Normalization.IMAGENET, imported(Map.of(), ImportSpec.Pixels.TORCHVISION));
  }

  @Test
  public void thePixelsOfAnImportAreThoseOfTheNetwork() {
    bench.networks.assemble("rig", parallel(), false);
    Path file = home.resolve("w.safetensors");
    Safetensors.write(file, values("rig"), Map.of());
    ImportSpec.PixelFormat format =
        new ImportSpec.PixelFormat(
            TrainSpec.Channels.BGR, 255, List.of(110.3, 108.4, 105.0), List.of(78.3, 79.5, 78.3));
    bench.weights.read(
        "rig",
        file,
        new ImportSpec(
            true,
            Map.of(),
            ImportSpec.ExtraInputs.ZERO,
            ImportSpec.Pixels.FILE,
            false,
            Optional.of(format),
            Optional.empty()));
    assertEquals(
        new Normalization(
            TrainSpec.Channels.BGR, 255, List.of(110.3, 108.4, 105.0), List.of(78.3, 79.5, 78.3)),
        bench.networks.trainedOn("rig").normalization());
  }
}
