package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.TrainSpec;
import org.riglab.base.FileContents;
import org.riglab.base.Json;
import org.riglab.networks.Session;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

public class ImportTest {
  private static final ImportSpec STRICT =
      new ImportSpec(true, Map.of(), ImportSpec.ExtraInputs.ZERO, ImportSpec.Pixels.FILE, false);
  private static final Normalization BGR =
      new Normalization(
          TrainSpec.Channels.BGR, 255, List.of(104., 116., 122.), List.of(1., 1., 1.));
  private static final String FIRST = "backbone.conv1.weight";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path home;
  private Bench bench;
  private Map<String, HostTensor> source;

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    bench = Benches.create(home);
    bench.networks.assemble("source", spec("feed-forward", 1, 5), false);
    source = values("source");
    bench.networks.assemble("rig", spec("parallel", 2, 6), false);
  }

  private static NetworkSpec spec(String unroll, int iterations, long seed) {
    return new NetworkSpec(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 2)),
        NetworkSpec.OWN_HEAD,
        PartSpec.of("mul-sigmoid"),
        PartSpec.of(unroll),
        unroll.startsWith("parallel") ? List.of(5, 6) : List.of(),
        iterations,
        3,
        BatchNormPolicy.PER_ITERATION,
        seed);
  }

  private Map<String, HostTensor> values(String name) {
    try (Session session = bench.networks.open(name, "test", Device.cpu())) {
      return session.values();
    }
  }

  private static HostTensor ones(long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[size];
    Arrays.fill(values, 1);
    return new HostTensor(Arrays.stream(shape).boxed().toList(), values);
  }

  /** The source's tensors under other names (null leaves one out), and more. */
  private Path file(Function<String, String> name, Map<String, HostTensor> more) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    source.forEach(
        (old, tensor) -> {
          if (name.apply(old) != null) {
            tensors.put(name.apply(old), tensor);
          }
        });
    tensors.putAll(more);
    Path file = home.resolve("weights.safetensors");
    Safetensors.write(file, tensors, Map.of());
    return file;
  }

  private static String torchvision(String name) {
    return name.startsWith("backbone.") ? name.substring(9) : null;
  }

  @Test
  public void asksWhichOfTwoThatFitEqually() {
    Map<String, HostTensor> both = new LinkedHashMap<>();
    source.forEach((name, tensor) -> both.put("student." + name, tensor));
    Path file = file(name -> "teacher." + name, both);
    RigException e = assertThrows(RigException.class, () -> read(file));
    assertEquals(
        file
            + ": the tensors of 'student.' and of 'teacher.' fit the network equally; choose one"
            + " with --prefix student.= or --prefix teacher.=",
        e.getMessage());
    ImportReport report =
        bench.weights.read(
            "rig",
            file,
            new ImportSpec(
                false,
                Map.of("student.", ""),
                ImportSpec.ExtraInputs.ZERO,
                ImportSpec.Pixels.FILE,
                false));
    assertTrue(report.leftOver().get(0), report.leftOver().get(0).startsWith("teacher."));
    assertTrue(
        report.tensors().stream()
            .filter(row -> row.fate() == ImportReport.Fate.MATCHED)
            .allMatch(row -> row.source().startsWith("student.")));
  }

  private ImportReport read(Path file) {
    return bench.weights.read("rig", file, ImportSpec.LENIENT);
  }

  @Test
  public void valuesThatAreNotFiniteAreMeantOrRefused() throws IOException {
    for (float wrong : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      HostTensor first = source.get(FIRST);
      float[] broken = first.values().clone();
      broken[0] = wrong;
      broken[5] = wrong;
      Path file = file(name -> name, Map.of(FIRST, new HostTensor(first.shape(), broken)));
      Map<String, HostTensor> before = values("rig");
      assertEquals(
          "%s: 2 of the 294 values of %s are NaN or infinite in float32; --non-finite reads them"
                  .formatted(file, FIRST)
              + " nevertheless",
          assertThrows(RigException.class, () -> read(file)).getMessage());
      assertArrayEquals(before.get(FIRST).values(), values("rig").get(FIRST).values(), 0);
      bench.weights.read(
          "rig",
          file,
          new ImportSpec(
              false, Map.of(), ImportSpec.ExtraInputs.ZERO, ImportSpec.Pixels.FILE, true));
      assertArrayEquals(broken, values("rig").get(FIRST).values(), 0);
    }
  }

  private static List<String> notes(ImportReport done, ImportReport.Fate fate) {
    return done.tensors().stream()
        .filter(row -> row.fate() == fate)
        .map(ImportReport.Row::note)
        .distinct()
        .toList();
  }

  private void assertTaken(String prefix, int tensors) {
    Map<String, HostTensor> now = values("rig");
    int taken = 0;
    for (Map.Entry<String, HostTensor> entry : source.entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        assertArrayEquals(
            entry.getKey(), entry.getValue().values(), now.get(entry.getKey()).values(), 0);
        taken++;
      }
    }
    assertEquals(tensors, taken);
  }

  @Test
  public void torchvisionsClassifiersBecomeBackbones() {
    float[] classifier = values("rig").get("classifier.weight").values();
    ImportReport done =
        read(
            file(
                ImportTest::torchvision,
                Map.of(
                    "fc.weight",
                    ones(10, 64),
                    "fc.bias",
                    ones(10),
                    "bn1.num_batches_tracked",
                    ones())));
    assertEquals("'backbone.' put in front", done.mapping());
    assertEquals("safetensors", done.format());
    // one conv1 and bn1, four bottlenecks of three and a shortcut, five tensors each
    assertTaken("backbone.", 5 * (1 + 4 * 4));
    assertEquals(List.of(), done.leftOver());
    assertEquals(3, done.ignored().size());
    assertEquals(List.of("classifier.weight", "classifier.bias"), done.initialised().subList(0, 2));
    assertEquals(6, done.initialised().size());
    assertArrayEquals(classifier, values("rig").get("classifier.weight").values(), 0);
    assertTrue(
        notes(done, ImportReport.Fate.MATCHED).toString(),
        notes(done, ImportReport.Fate.MATCHED)
            .contains("statistics of backbone.layer4.0.bn1.running_mean"));
  }

  @Test
  public void containersAndDataParallelAreTakenOff() {
    ImportReport done =
        read(
            file(
                name -> "state_dict/module." + name,
                Map.of(
                    "optimizer/state/0/momentum_buffer",
                    ones(2, 3, 7, 7),
                    "state_dict/module.extra",
                    ones(1))));
    assertEquals("'state_dict/module.' taken off", done.mapping());
    assertTaken("", 5 * 17 + 2);
    assertEquals(List.of("optimizer/state/0/momentum_buffer"), done.ignored());
    assertEquals(
        List.of("state_dict/module.extra (the network has no such tensor)"), done.leftOver());
    ImportReport both = read(file(name -> "model/module." + torchvision("" + name), Map.of()));
    assertEquals("'model/module.' taken off, 'backbone.' put in front", both.mapping());
    ImportReport apart = read(file(name -> name.replaceFirst("[.]", "/"), Map.of()));
    assertEquals("a dict of dicts by module", "", apart.mapping());
    assertEquals(done.matched(), apart.matched());
  }

  @Test
  public void torchvisionsSegmentationNetworksFit() {
    ImportReport done =
        read(
            file(
                name -> name.replace("classifier.", "classifier.4."),
                Map.of("classifier.0.weight", ones(2, 2, 3, 3), "aux_classifier.4.bias", ones(3))));
    assertEquals("'classifier.4.' is 'classifier.'", done.mapping());
    assertTaken("", 87);
    assertEquals(List.of("classifier.0.weight (the network has no such tensor)"), done.leftOver());
    assertEquals(List.of("aux_classifier.4.bias"), done.ignored());
    // 21 classes instead of 3
    source.put("classifier.weight", ones(21, 64, 1, 1));
    ImportReport other = read(file(name -> name.replace("classifier.", "classifier.4."), Map.of()));
    assertEquals(
        List.of("classifier.4.weight (its shape is [21, 64, 1, 1], the network's [3, 64, 1, 1])"),
        other.leftOver());
    assertTrue(other.initialised().contains("classifier.weight"));
    assertTrue(other.matched().contains("classifier.bias"));
  }

  @Test
  public void prefixesAreMappedBeforeAnythingElse() {
    Path file =
        file(
            name ->
                name.startsWith("classifier.")
                    ? "head.score." + name.substring(11)
                    : torchvision(name),
            Map.of());
    Map<String, String> prefixes = Map.of("head.score.", "classifier.");
    ImportReport done =
        bench.weights.read(
            "rig",
            file,
            new ImportSpec(
                false, prefixes, ImportSpec.ExtraInputs.ZERO, ImportSpec.Pixels.FILE, false));
    assertEquals(List.of(), done.leftOver());
    assertTaken("", 87);
    assertEquals("'backbone.' put in front, 'head.score.' is 'classifier.'", done.mapping());
    assertEquals(
        "no tensor in %s has a name that starts with 'hat.'; it has [conv1.weight, bn1.weight, bn1.bias]"
            .formatted(file),
        assertThrows(
                RigException.class,
                () ->
                    bench.weights.read(
                        "rig",
                        file,
                        new ImportSpec(
                            false,
                            Map.of("hat.", "x."),
                            ImportSpec.ExtraInputs.ZERO,
                            ImportSpec.Pixels.FILE,
                            false)))
            .getMessage());
  }

  @Test
  public void aPrefixMapsWithinAContainerAndTheFirstOneHolds() {
    Path file = file(name -> "net/module.x." + name, Map.of());
    Map<String, String> prefixes = new LinkedHashMap<>();
    prefixes.put("net.module.x.classifier.", "classifier.");
    prefixes.put("x.", "");
    prefixes.put("x.backbone.", "nowhere.");
    ImportReport done =
        bench.weights.read(
            "rig",
            file,
            new ImportSpec(
                false, prefixes, ImportSpec.ExtraInputs.ZERO, ImportSpec.Pixels.FILE, false));
    assertEquals(List.of(), done.leftOver());
    assertTaken("", 87);
  }

  private void assertUntouched(byte[] before, Map<String, HostTensor> values) throws IOException {
    assertArrayEquals(before, Files.readAllBytes(home.resolve("models/rig/network.safetensors")));
    Map<String, HostTensor> now = values("rig");
    values.forEach(
        (name, tensor) -> assertArrayEquals(name, tensor.values(), now.get(name).values(), 0));
  }

  @Test
  public void whatFailsChangesNothing() throws IOException {
    byte[] before = Files.readAllBytes(home.resolve("models/rig/network.safetensors"));
    Map<String, HostTensor> values = values("rig");
    Path most = file(name -> name, Map.of("extra", ones(1)));
    assertEquals(
        most
            + " does not fit the network: missing tensors: 4 (first: gates.5.conv.weight),"
            + " left over: 1 (first: extra: the network has no such tensor)",
        assertThrows(RigException.class, () -> bench.weights.read("rig", most, STRICT))
            .getMessage());
    assertUntouched(before, values);

    Path none = home.resolve("none.safetensors");
    Safetensors.write(none, Map.of("a.b", ones(1)), Map.of());
    assertTrue(
        assertThrows(RigException.class, () -> read(none))
            .getMessage()
            .startsWith("nothing in " + none + " fits the network; it has [a.b], the network has"));
    Path shape = home.resolve("shape.safetensors");
    Safetensors.write(shape, Map.of("gates.5.conv.weight", ones(1)), Map.of());
    String message = assertThrows(RigException.class, () -> read(shape)).getMessage();
    assertTrue(
        message,
        message.startsWith(
            "nothing in "
                + shape
                + " fits the network; it has gates.5.conv.weight of [1], the"
                + " network has ["));
    assertUntouched(before, values);

    // the header is whole, the values are cut off
    byte[] cut = Files.readAllBytes(most);
    Files.write(most, Arrays.copyOf(cut, cut.length - 5));
    assertTrue(assertThrows(RigException.class, () -> read(most)).getMessage().contains("cut off"));
    assertUntouched(before, values);
    assertThrows(RigException.class, () -> read(home.resolve("missing")));
    assertThrows(RigException.class, () -> read(home));
    assertUntouched(before, values);
  }

  @Test
  public void strictTakesWhatFitsToTheLast() {
    bench.weights.write("rig", "safetensors", home.resolve("out.safetensors"));
    bench.networks.assemble("rig", spec("parallel", 2, 99), true);
    ImportReport done = bench.weights.read("rig", home.resolve("out.safetensors"), STRICT);
    assertEquals(List.of(), done.initialised());
    assertEquals(bench.networks.get("rig").state().size(), done.matched().size());
  }

  @Test
  public void twoNamesForOnePlaceAreNotBothTaken() {
    Path file = file(ImportTest::torchvision, Map.of("backbone.bn1.weight", ones(2)));
    ImportReport done = read(file);
    assertEquals(
        List.of("backbone.bn1.weight (backbone.bn1.weight is bn1.weight already)"),
        done.leftOver());
  }

  @Test
  public void aLinearLayerBecomesAConvolution() {
    HostTensor weight = source.get("classifier.weight");
    source.put("classifier.weight", new HostTensor(List.of(3L, 64L), weight.values()));
    ImportReport done = read(file(name -> name, Map.of()));
    assertEquals(List.of(), done.leftOver());
    assertArrayEquals(weight.values(), values("rig").get("classifier.weight").values(), 0);
    assertTrue(
        notes(done, ImportReport.Fate.MATCHED)
            .contains("from a linear layer, read as a convolution"));
  }

  @Test
  public void aFirstConvolutionForRgbFillsTheFirstThreeChannels() {
    bench.networks.assemble("rig", spec("network-wide", 2, 8), true);
    float[] before = values("rig").get(FIRST).values();
    assertEquals(List.of(2L, 6L, 7L, 7L), values("rig").get(FIRST).shape());
    Path file = file(ImportTest::torchvision, Map.of());
    ImportReport done = read(file);
    assertTrue(
        notes(done, ImportReport.Fate.MATCHED)
            .contains("the first 3 of 6 input channels; the others are 0"));
    assertChannels(values("rig").get(FIRST).values(), new float[before.length]);
    bench.networks.assemble("rig", spec("network-wide", 2, 8), true);
    bench.weights.read(
        "rig",
        file,
        new ImportSpec(
            false, Map.of(), ImportSpec.ExtraInputs.KEEP, ImportSpec.Pixels.FILE, false));
    assertChannels(values("rig").get(FIRST).values(), before);
    assertTrue(
        "strict takes no half",
        assertThrows(RigException.class, () -> bench.weights.read("rig", file, STRICT))
            .getMessage()
            .contains("(first: " + FIRST + ")"));
  }

  private void assertChannels(float[] wide, float[] others) {
    float[] narrow = source.get(FIRST).values();
    for (int output = 0; output < 2; output++) {
      for (int channel = 0; channel < 6; channel++) {
        for (int i = 0; i < 49; i++) {
          int at = (output * 6 + channel) * 49 + i;
          float expected = channel < 3 ? narrow[(output * 3 + channel) * 49 + i] : others[at];
          assertEquals(expected, wide[at], 0);
        }
      }
    }
  }

  @Test
  public void anExportSaysWhatItIs() throws Exception {
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      TrainedOn nothing = session.trainedOn();
      session.save(
          new TrainedOn(
              PartSpec.of("camvid"),
              "data",
              List.of(180, 240),
              BGR,
              nothing.inputs(),
              nothing.classes()),
          Map.of("mIoU", 0.5, "step", 20.0, "boundary", Double.NaN));
    }
    Path out = home.resolve("out.safetensors");
    bench.weights.write("rig", "safetensors", out);
    try (Safetensors file = Safetensors.open(out)) {
      Map<String, String> metadata = file.metadata();
      assertEquals("pt", metadata.get("format"));
      NetworkSpec spec =
          bench.networks.spec(Json.parse(metadata.get("riglab.spec"), "spec"), "spec");
      assertEquals(List.of(5, 6), spec.feedback());
      assertEquals("parallel", spec.unroll().name());
      assertEquals(6, spec.seed());
      Map<String, Object> metrics = Json.parse(metadata.get("riglab.metrics"), "metrics");
      assertEquals(Map.of("mIoU", 0.5, "step", 20.0), metrics);
      assertEquals(
          "bundle.mul-sigmoid 1.0.0 00",
          Json.parse(metadata.get("riglab.parts"), "parts").get("gate mul-sigmoid"));
      byte[] bytes = Files.readAllBytes(out);
      int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      assertTrue(
          new String(bytes, 8, header, StandardCharsets.UTF_8).startsWith("{\"__metadata__\":{"));
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 8 + header, bytes.length - 8 - header);
      assertEquals(HexFormat.of().formatHex(digest.digest()), metadata.get("riglab.sha256"));
    }
    ModelFile model = ModelFile.read(home.resolve("models/rig/network.safetensors"));
    assertEquals("bundle.parallel 1.0.0 00", model.parts().get("unroll parallel"));
    assertEquals(Map.of("mIoU", 0.5, "step", 20.0), model.metrics());

    // another network of the same kind takes over how to feed it
    bench.networks.assemble("other", spec("parallel", 2, 77), false);
    ImportReport done = bench.weights.read("other", out, STRICT);
    assertEquals("camvid", done.trainedOn());
    TrainedOn taken = ModelFile.read(home.resolve("models/other/network.safetensors")).trainedOn();
    assertEquals(List.of(180, 240), taken.resize());
    assertEquals(BGR, taken.normalization());
    // one that is only partly filled does not
    bench.networks.assemble("more", spec("parallel-multi-range", 2, 77), false);
    assertEquals("", bench.weights.read("more", out, ImportSpec.LENIENT).trainedOn());
  }

  @Test
  public void metadataThatLiesIsAnError() {
    Path file = home.resolve("lie.safetensors");
    for (String lie : List.of("{}", "{\"dataset\":1}", "{\"classes\":[]}", "x", "[]")) {
      Safetensors.write(file, values("rig"), Map.of("riglab.trained_on", lie));
      String message = assertThrows(RigException.class, () -> read(file)).getMessage();
      assertEquals(message, 1, message.lines().count());
    }
  }

  /** They would be shown in tables, on the page and in other people's terminals. */
  @Test
  public void unprintableNamesOfClassesAreRefused() {
    Path file = home.resolve("classes.safetensors");
    for (String name : List.of("a\\u001b[2J", "\\u009b2J", "\\u202eb", "a\\nb", "road")) {
      String about =
          "{\"dataset\":\"camvid\",\"data\":\"\",\"resize\":[],\"mean\":[0,0,0],"
              + "\"std\":[1,1,1],\"classes\":{\"%s\":0}}".formatted(name);
      Safetensors.write(file, values("rig"), Map.of("riglab.trained_on", about));
      if (name.equals("road")) {
        read(file);
        continue;
      }
      RigException e = assertThrows(name, RigException.class, () -> read(file));
      assertEquals(file + ": its riglab.trained_on cannot be read", e.getMessage());
      assertEquals(RigException.Kind.INVALID, e.kind());
    }
  }

  /** A weights file below the files of a remote user is his; another file is perhaps not. */
  @Test
  public void aServerShowsNamesOfTensorsButNoOtherFile() throws IOException {
    Path file = home.resolve("w.safetensors");
    // Some begin as a pickle of protocol 0 does.
    List<String> others =
        List.of(
            "cs3cret\nkey\n.",
            "cnumpy\ns3cret\n",
            "(ls3cret\n",
            "s3cret",
            "{\"s3cret\": 1}",
            "iS3\ns3cret\n.");
    System.setProperty(FileContents.PROPERTY, "true");
    try {
      for (String other : others) {
        Files.writeString(file, other);
        String message = assertThrows(RigException.class, () -> read(file)).getMessage();
        assertEquals(
            file + " does not contain what is expected; the server's log says what is wrong",
            message);
      }
      ByteBuffer header = ByteBuffer.allocate(8 + 16).order(ByteOrder.LITTLE_ENDIAN);
      header
          .putLong(16)
          .put("{\"s3cret\": 12345}".substring(0, 16).getBytes(StandardCharsets.UTF_8));
      Files.write(file, header.array());
      assertFalse(
          assertThrows(RigException.class, () -> read(file)).getMessage().contains("s3cret"));
      Map<String, HostTensor> more = new LinkedHashMap<>(values("rig"));
      more.put("other.weight", ones(1));
      Safetensors.write(file, more, Map.of());
      assertTrue(
          read(file).tensors().stream().anyMatch(row -> row.source().equals("other.weight")));
    } finally {
      System.clearProperty(FileContents.PROPERTY);
    }
    StringBuilder quoted = new StringBuilder();
    for (String other : others) {
      Files.writeString(file, other);
      quoted.append(assertThrows(RigException.class, () -> read(file)).getMessage()).append('\n');
    }
    assertTrue(quoted.toString(), quoted.toString().contains("s3cret"));
  }
}
