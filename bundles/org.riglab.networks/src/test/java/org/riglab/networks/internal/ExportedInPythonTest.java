package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.base.Json;
import org.riglab.networks.engine.Torch;
import org.riglab.tensors.HostTensor;

/**
 * Python's PyTorch opens an exported archive, computes what the network does and trains it; skipped
 * where no Python has PyTorch. The system property {@code riglab.python} names another one.
 */
public class ExportedInPythonTest {
  private static final List<String> PYTHONS =
      List.of(System.getProperty("riglab.python", "python3"), "/usr/bin/python3");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = folder.newFile().toPath();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    String text = process.waitFor() + " ";
    return text + Files.readString(output, StandardCharsets.UTF_8);
  }

  private String python() throws InterruptedException {
    for (String python : PYTHONS) {
      try {
        if (run(List.of(python, "-c", "import torch, numpy")).startsWith("0 ")) {
          return python;
        }
      } catch (IOException e) {
        continue; // there is no such program
      }
    }
    return null;
  }

  private static float[] read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static void write(Path file, float... values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Files.write(file, bytes.array());
  }

  /** What the script computes, by the names of its files. */
  private static Map<String, HostTensor> wanted(Assembly assembly, HostTensor image) {
    Map<String, HostTensor> wanted =
        ExportTest.logits(assembly, image, x -> ExportTest.enlarged(assembly, x, false));
    Torch.withGrad(
        true,
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            NDArray x = manager.create(image.values(), new Shape(image.shape()));
            NDArray loss = null;
            for (NDArray logits : ExportTest.enlarged(assembly, x, true)) {
              NDArray share = logits.logSoftmax(1).get(":,0").mean();
              loss = loss == null ? share : loss.add(loss).add(share);
            }
            JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
          }
          return null;
        });
    for (Map.Entry<String, Parameter> entry : assembly.state().entrySet()) {
      NDArray value = entry.getValue().getArray();
      boolean trained = entry.getValue().requiresGradient();
      wanted.put(
          trained
              ? "gradient." + entry.getKey()
              : "statistics." + entry.getKey().replaceAll("[.](t\\d+)$", "_$1"),
          CompiledTest.host(trained ? JniUtils.getGradient((PtNDArray) value) : value));
    }
    assembly.sweep();
    return wanted;
  }

  private void agrees(String python, String json, StrangerGate gate)
      throws IOException, InterruptedException {
    FakeRegistry registry = Benches.registry();
    registry.put("stranger", gate);
    NetworkSpec spec = Specs.read(Json.parse(json, "spec"), "spec");
    Path out = folder.newFolder().toPath();
    Path archive = folder.newFile().toPath();
    Path pixels = folder.newFile().toPath();
    HostTensor image = ExportTest.image(2, 65, 97);
    write(pixels, image.values());
    try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
      Map<String, HostTensor> weights = new LinkedHashMap<>();
      assembly.shapes().forEach((key, shape) -> weights.put(key, Formula.weights(1, key, shape)));
      assembly.load(weights);
      Files.write(archive, ExportTest.export(assembly, "torchscript"));
      String said =
          run(
              List.of(
                  python,
                  "src/test/python/exported.py",
                  archive.toString(),
                  pixels.toString(),
                  "2",
                  "65",
                  "97",
                  out.toString()));
      assertTrue(said, said.startsWith("0 ") && said.strip().endsWith(" True"));
      Map<String, HostTensor> wanted = wanted(assembly, image);
      List<String> written = new ArrayList<>();
      Map<String, HostTensor> got = new LinkedHashMap<>();
      try (Stream<Path> files = Files.list(out)) {
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          written.add(name);
          got.put(name, new HostTensor(List.of(), read(file)));
        }
      }
      assertEquals(wanted.keySet().stream().sorted().toList(), written.stream().sorted().toList());
      double worst = CompiledTest.worst(wanted, got);
      assertTrue("relative error " + worst, worst <= 1e-4);
    }
  }

  @Test
  public void computesTheSameAndTrains() throws IOException, InterruptedException {
    String python = python();
    assumeTrue("no Python with PyTorch among " + PYTHONS, python != null);
    agrees(
        python,
        """
        {"classes": 3, "iterations": 3, "feedback": [4, 6], "unroll": "parallel-multi-range",
         "backbone": {"name": "resnet", "layers": [1, 1, 2, 1], "width": 8}}\
        """,
        new StrangerGate(false));
    agrees(
        python,
        """
        {"classes": 3, "iterations": 2, "feedback": [5], "unroll": "sequential",
         "gate": "stranger", "batch_norm": "shared",
         "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "block": "basic", "width": 8}}\
        """,
        new StrangerGate(false));
  }
}
