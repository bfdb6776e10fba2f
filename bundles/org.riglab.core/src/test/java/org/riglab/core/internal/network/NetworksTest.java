package org.riglab.core.internal.network;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.Bench.ParityRow;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.core.internal.options.Json;
import org.riglab.core.internal.registry.FakeRegistry;
import org.riglab.core.internal.tensors.LongTensor;
import org.riglab.core.internal.tensors.Safetensors;

/**
 * Backbones, strategies and options against PyTorch: the logits of every iteration, every gradient,
 * and every parameter and statistic after two steps. The numbers are those of {@code networks.py}.
 */
public class NetworksTest {
  private static final int VOID = 255;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void everyTensorAgreesWithPyTorch() throws IOException {
    FakeRegistry registry = Benches.registry();
    BenchService bench = new BenchService(folder.getRoot().toPath(), registry, registry);
    List<String> wrong = new ArrayList<>();
    List<List<String>> cases = cases();
    assertTrue(cases.size() >= 20);
    for (List<String> lines : cases) {
      String[] head = lines.get(0).split(" ");
      Path directory = folder.getRoot().toPath().resolve(head[1]);
      write(directory, registry, lines.get(1), head);
      ParityRow row =
          bench.parity(List.of(directory), Optional.of(folder.getRoot().toPath()), false).get(0);
      double[] losses = numbers(lines.get(2));
      for (int step = 0; step < 2; step++) {
        assertEquals(head[1], losses[step], row.losses().get(step), 1e-4 * losses[step]);
      }
      compare(
          head[1],
          lines.subList(3, lines.size()),
          Safetensors.read(directory.resolve("got.safetensors")),
          wrong);
    }
    assertEquals(List.of(), wrong);
  }

  /** Per case: its head, the spec, the losses, a line per tensor. */
  static List<List<String>> cases() throws IOException {
    List<List<String>> cases = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                NetworksTest.class.getResourceAsStream("networks.txt"),
                StandardCharsets.US_ASCII))) {
      for (String line : reader.lines().filter(line -> !line.isEmpty()).toList()) {
        if (line.startsWith("case ")) {
          cases.add(new ArrayList<>());
        }
        cases.get(cases.size() - 1).add(line);
      }
    }
    return cases;
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(" ")).skip(1).mapToDouble(Double::parseDouble).toArray();
  }

  private static void write(Path directory, FakeRegistry registry, String spec, String[] head)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("case.json"), "{\"spec\":" + spec + "}");
    long height = Long.parseLong(head[2]);
    long width = Long.parseLong(head[3]);
    long n = Long.parseLong(head[4]);
    int salt = Integer.parseInt(head[5]);
    NetworkSpec network = Specs.read(Json.read(directory.resolve("case.json")), head[1]);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    try (Assembly assembly = new Assembly(network, registry, registry, "test", Device.cpu())) {
      assembly
          .shapes()
          .forEach((name, shape) -> weights.put(name, Formula.weights(salt, name, shape)));
    }
    Safetensors.write(directory.resolve("weights.safetensors"), weights, Map.of());
    long[] label =
        Formula.label(salt, Math.toIntExact(n * height * width), network.classes(), VOID);
    Safetensors.write(
        directory.resolve("batch.safetensors"),
        Map.of("image", Formula.image(salt, n, height, width)),
        Map.of("label", new LongTensor(List.of(n, height, width), label)),
        Map.of());
  }

  private static void compare(
      String name, List<String> lines, Map<String, HostTensor> got, List<String> wrong) {
    Map<String, double[]> expected = new LinkedHashMap<>();
    lines.forEach(line -> expected.put(line.substring(0, line.indexOf(' ')), numbers(line)));
    assertEquals(name, expected.keySet(), got.keySet());
    double largest =
        expected.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("train.grad."))
            .mapToDouble(entry -> entry.getValue()[0])
            .max()
            .orElseThrow();
    expected.forEach(
        (tensor, facts) -> {
          // as in parity cases, a gradient below a thousandth of the largest counts against that
          double least = tensor.startsWith("train.grad.") ? 1e-3 * largest : 1e-6;
          double error =
              Formula.error(facts, Formula.facts(tensor, got.get(tensor).values()), least);
          if (!(error <= 1e-4)) {
            wrong.add("%s, %s: %.1e".formatted(name, tensor, error));
          }
        });
  }
}
