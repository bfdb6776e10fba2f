package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.author.Parity;
import org.riglab.api.author.Parity.Difference;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.LongTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.training.internal.OptimizersService;

/** Finds broken layers; the cases are written by src/test/python/trace_cases.py. */
public class TraceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Path home;
  private Parity parity;

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    Bench bench = Benches.create(home, registry);
    parity = new ParityService(bench.networks, bench.networks, new OptimizersService());
  }

  private static Path resource(String name) {
    try {
      return Path.of(TraceTest.class.getResource("trace/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A copy of a case that may be changed. */
  private Path copy(String name) throws IOException {
    Path directory = Files.createDirectories(home.resolve("cases").resolve(name));
    try (Stream<Path> files = Files.list(resource(name))) {
      for (Path file : files.toList()) {
        Path to = directory.resolve(file.getFileName().toString());
        Files.deleteIfExists(to);
        Files.copy(file, to);
      }
    }
    return directory;
  }

  private static void change(Path file, Consumer<Map<String, HostTensor>> change) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(Safetensors.read(file));
    change.accept(tensors);
    Safetensors.write(file, tensors, Map.of());
  }

  private static void weights(Path directory, String name, float factor) {
    change(
        directory.resolve("weights.safetensors"),
        tensors -> {
          float[] values = tensors.get(name).values();
          for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
          }
        });
  }

  private static void expectOnly(Path directory, Predicate<String> which) {
    change(
        directory.resolve("expected.safetensors"),
        tensors -> tensors.keySet().removeIf(which.negate()));
  }

  private Parity.Row row(Path directory) {
    return parity.compare(directory, Optional.empty(), false);
  }

  private Difference first(Path directory) {
    return row(directory).first().orElseThrow();
  }

  @Test
  public void everyIntermediateAgreesWithPyTorch() throws IOException {
    int tensors = 0;
    for (String name : List.of("parallel", "sequential", "aspp", "gated-image", "multi-range")) {
      // networks this narrow amplify rounding in gradients; ParityTest has the wider ones
      Path directory = copy(name);
      expectOnly(directory, key -> key.startsWith("eval."));
      Parity.Row row = row(directory);
      assertEquals(name + " in " + row.worstTensor(), Optional.empty(), row.first());
      assertTrue(name, row.worst() <= 1e-4);
      tensors += row.tensors();
    }
    assertTrue(tensors + " tensors", tensors > 300);
  }

  @Test
  public void namesABrokenConvolution() throws IOException {
    Path broken = copy("parallel");
    weights(broken, "backbone.layer3.0.conv2.weight", 1.01f);
    Difference first = first(broken);
    assertEquals("eval.op.backbone.layer3.0.conv2.t1", first.tensor());
    assertEquals("backbone.layer3.0.conv2", first.operation());
    assertEquals(4, first.block());
    assertEquals(1, first.iteration());
    assertEquals(0.01, first.error(), 1e-4);
    assertEquals(
        "output of backbone.layer3.0.conv2 in evaluation (block 4, iteration 1)", first.where());
  }

  @Test
  public void namesABatchNormWithAnotherEpsilon() throws IOException {
    Path broken = copy("parallel");
    // eps 1e-3 instead of 1e-5
    change(
        broken.resolve("weights.safetensors"),
        tensors -> {
          float[] variance = tensors.get("backbone.layer1.0.bn3.running_var").values();
          for (int i = 0; i < variance.length; i++) {
            variance[i] += 1e-3f - 1e-5f;
          }
        });
    assertEquals("eval.op.backbone.layer1.0.bn3.t1", first(broken).tensor());
  }

  @Test
  public void namesTheFirstBranchOfSeveralBrokenOnes() throws IOException {
    Path broken = copy("aspp");
    weights(broken, "classifier.3.weight", 1.5f);
    weights(broken, "classifier.1.bias", 1.5f);
    Difference first = first(broken);
    assertEquals("eval.op.classifier.1.t1", first.tensor());
    assertEquals(6, first.block());
  }

  @Test
  public void namesABrokenGate() throws IOException {
    Path broken = copy("parallel");
    weights(broken, "gates.5.conv.weight", 1.1f);
    Difference first = first(broken);
    assertEquals("eval.op.gates.5.conv.t1", first.tensor());
    assertEquals("a gate first runs in iteration 2", 2, first.iteration());
    assertEquals(5, first.block());
    // the convolution is right, what is made of it is not
    registry.put("mul-sigmoid", registry.providers.get("mul-tanh"));
    Difference wrong = first(copy("parallel"));
    assertEquals("eval.gate.4.t2", wrong.tensor());
    assertEquals("map of the gate of layer3 in evaluation (block 4, iteration 2)", wrong.where());
  }

  @Test
  public void namesTheApplicationOfASharedLayer() throws IOException {
    Path broken = copy("sequential");
    // a gate that differs only from its second application on: iteration 3
    expectOnly(broken, key -> !key.matches("eval[.](op[.]gates.*t1|gated?[.]6[.]t2)"));
    weights(broken, "gates.6.conv.weight", 1.1f);
    Difference first = first(broken);
    assertEquals("eval.op.classifier.t2", first.tensor());
    assertEquals("output of classifier in evaluation (block 6, iteration 2)", first.where());
  }

  @Test
  public void saysWhatItCanWithoutIntermediates() throws IOException {
    Path broken = copy("parallel");
    weights(broken, "gates.5.conv.weight", 1.1f);
    expectOnly(broken, key -> key.startsWith("eval.logits.") || key.startsWith("train."));
    Difference first = first(broken);
    assertEquals("the first iteration has no gates", "eval.logits.t2", first.tensor());
    assertEquals(2, first.iteration());
    assertEquals("logits in evaluation (block 6, iteration 2)", first.where());
    broken = copy("sequential");
    weights(broken, "classifier.bias", 2);
    expectOnly(broken, key -> key.startsWith("eval.logits."));
    assertEquals("one prediction, of the last of three iterations", 3, first(broken).iteration());
  }

  @Test
  public void ordersGradientsAsTheyArePropagated() throws IOException {
    Path broken = copy("parallel");
    change(
        broken.resolve("expected.safetensors"),
        tensors -> {
          for (String name :
              List.of(
                  "backbone.conv1.weight",
                  "backbone.layer3.0.conv2.weight",
                  "backbone.layer3.0.bn2.bias",
                  "gates.4.conv.bias")) {
            float[] values = tensors.get("train.grad." + name).values();
            for (int i = 0; i < values.length; i++) {
              values[i] += 1;
            }
          }
          tensors.get("train.after2.classifier.bias").values()[0] += 1;
        });
    Difference first = first(broken);
    assertEquals("train.grad.backbone.layer3.0.bn2.bias", first.tensor());
    assertEquals(
        "gradient of backbone.layer3.0.bn2.bias (block 4, shared by iterations 1..2)",
        first.where());
    expectOnly(broken, key -> !key.contains("bn2.bias"));
    assertEquals("train.grad.backbone.layer3.0.conv2.weight", first(broken).tensor());
    expectOnly(broken, key -> !key.contains("conv2.weight"));
    first = first(broken);
    assertEquals("train.grad.gates.4.conv.bias", first.tensor());
    assertEquals("gradient of gates.4.conv.bias (block 4, iteration 2)", first.where());
    expectOnly(broken, key -> !key.contains("gates.4"));
    first = first(broken);
    assertEquals("gradient of backbone.conv1.weight (block 1, iteration 1)", first.where());
    expectOnly(broken, key -> !key.startsWith("train.grad."));
    assertEquals(
        "classifier.bias after two steps (block 6, shared by iterations 1..2)",
        first(broken).where());
  }

  @Test
  public void writesWhatAnotherImplementationCanCompareWith() throws IOException {
    for (String name : List.of("parallel", "sequential", "gated-image")) {
      Path one = copy(name);
      Map<String, HostTensor> expected = Safetensors.read(one.resolve("expected.safetensors"));
      Files.delete(one.resolve("expected.safetensors"));
      Path out = home.resolve("out");
      parity.compare(one, Optional.of(out), true);
      Map<String, HostTensor> got = Safetensors.read(out.resolve(name).resolve("got.safetensors"));
      List<String> keys = new ArrayList<>(got.keySet());
      keys.removeIf(key -> key.startsWith("train.") || key.startsWith("eval.logits."));
      List<String> wanted = new ArrayList<>(expected.keySet());
      wanted.removeIf(key -> key.startsWith("train.") || key.startsWith("eval.logits."));
      assertEquals("PyTorch's order of execution", wanted, keys);
      parity.compare(one, Optional.of(out), false);
      assertTrue(
          Safetensors.read(out.resolve(name).resolve("got.safetensors")).keySet().stream()
              .noneMatch(key -> key.startsWith("eval.op.")));
    }
  }

  private void refused(Path directory, String words) {
    String message = assertThrows(RigException.class, () -> row(directory)).getMessage();
    assertEquals(message, 1, message.lines().count());
    assertTrue(message, message.contains(words));
  }

  @Test
  public void whatIsExpectedButNotComputedIsADifference() throws IOException {
    Path broken = copy("sequential");
    change(
        broken.resolve("expected.safetensors"),
        tensors -> tensors.put("eval.op.nowhere.t1", tensors.get("eval.op.classifier.t1")));
    Parity.Row row = row(broken);
    assertEquals("eval.op.nowhere.t1", row.worstTensor());
    assertEquals(Double.POSITIVE_INFINITY, row.worst(), 0);
    assertEquals(
        "eval.op.nowhere.t1 is expected, but the network does not compute it",
        row.first().orElseThrow().where());
    change(
        broken.resolve("expected.safetensors"),
        tensors ->
            tensors.put("eval.block.2.t1", new HostTensor(List.of(1L, 2L), new float[] {1, 2})));
    assertEquals(
        "output of layer1 in evaluation (block 2, iteration 1): its shape is [1, 8, 5, 11],"
            + " expected is [1, 2]",
        first(broken).where());
  }

  @Test
  public void caseFilesThatAreBrokenAreOneLine() throws IOException {
    Path broken = copy("sequential");
    Files.delete(broken.resolve("weights.safetensors"));
    refused(broken, "there is no such file");
    broken = copy("sequential");
    change(broken.resolve("weights.safetensors"), t -> t.remove("classifier.bias"));
    refused(broken, "first classifier.bias");
    broken = copy("sequential");
    change(broken.resolve("expected.safetensors"), Map::clear);
    refused(broken, "has no tensors");
    broken = copy("sequential");
    Files.writeString(
        broken.resolve("case.json"),
        Files.readString(broken.resolve("case.json"))
            .replace("\"parameters\"", "\"train.loss\": [\"x\"], \"parameters\""));
    refused(broken, "train.loss is no list of numbers");

    Path batch = copy("sequential").resolve("batch.safetensors");
    HostTensor image = Safetensors.read(batch).get("image");
    LongTensor label = new LongTensor(List.of(1L, 17L, 41L), new long[17 * 41]);
    Map<String, HostTensor> images = Map.of("image", image);
    Safetensors.write(batch, images, Map.of(), Map.of());
    refused(batch.getParent(), "has no tensor 'label' of shape [1, 17, 41]");
    LongTensor turned = new LongTensor(List.of(1L, 41L, 17L), label.values());
    Safetensors.write(batch, images, Map.of("label", turned), Map.of());
    refused(batch.getParent(), "has no tensor 'label' of shape [1, 17, 41]");
    label.values()[5] = 3;
    Safetensors.write(batch, images, Map.of("label", label), Map.of());
    refused(batch.getParent(), "has label 3; expected 0 to 2, or 255 for void");
    label.values()[5] = -1;
    Safetensors.write(batch, images, Map.of("label", label), Map.of());
    refused(batch.getParent(), "has label -1");
    Map<String, HostTensor> flat =
        Map.of("image", new HostTensor(List.of(3L, 17L, 41L), image.values()));
    Safetensors.write(batch, flat, Map.of("label", label), Map.of());
    refused(batch.getParent(), "has no tensor 'image' of shape (N, 3, H, W)");
  }
}
