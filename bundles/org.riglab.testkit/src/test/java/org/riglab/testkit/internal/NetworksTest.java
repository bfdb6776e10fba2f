package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import java.io.IOException;
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
import org.riglab.api.author.Parity;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.base.Json;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.Formula;
import org.riglab.networks.internal.NetworkCases;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.LongTensor;
import org.riglab.tensors.Safetensors;
import org.riglab.training.internal.OptimizersService;

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
    Bench bench = Benches.create(folder.getRoot().toPath(), registry);
    Parity parity = new ParityService(bench.networks, bench.networks, new OptimizersService());
    List<String> wrong = new ArrayList<>();
    List<List<String>> cases = NetworkCases.all();
    assertTrue(cases.size() >= 20);
    for (List<String> lines : cases) {
      String[] head = lines.get(0).split(" ");
      Path directory = folder.getRoot().toPath().resolve(head[1]);
      write(directory, bench, lines.get(1), head);
      Parity.Row row = parity.compare(directory, Optional.of(folder.getRoot().toPath()), false);
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

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(" ")).skip(1).mapToDouble(Double::parseDouble).toArray();
  }

  private static void write(Path directory, Bench bench, String spec, String[] head)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("case.json"), "{\"spec\":" + spec + "}");
    long height = Long.parseLong(head[2]);
    long width = Long.parseLong(head[3]);
    long n = Long.parseLong(head[4]);
    int salt = Integer.parseInt(head[5]);
    NetworkSpec network = bench.networks.spec(Json.read(directory.resolve("case.json")), head[1]);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    try (Session session = bench.networks.open(network, Device.cpu())) {
      session
          .values()
          .forEach((name, value) -> weights.put(name, Formula.weights(salt, name, value.shape())));
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
