package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.Test;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.base.Json;
import org.riglab.graph.internal.export.ExporterService;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.Functional;
import org.riglab.tensors.HostTensor;

/** What is exported computes what the network does, at other sizes than it was traced at too. */
public class ExportTest {
  private static final long[][] SIZES = {{1, 65, 97}, {3, 96, 64}, {1, 33, 40}};

  static byte[] export(Assembly assembly, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assembly.show(
        network -> {
          try {
            new ExporterService().write(network, format, true, out);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return null;
        });
    return out.toByteArray();
  }

  static HostTensor image(long... size) {
    Random random = new Random(3);
    float[] pixels = new float[(int) (size[0] * 3 * size[1] * size[2])];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return new HostTensor(List.of(size[0], 3L, size[1], size[2]), pixels);
  }

  interface Pass {
    NDList run(NDArray image);
  }

  static Map<String, HostTensor> logits(Assembly assembly, HostTensor image, Pass pass) {
    Map<String, HostTensor> logits = new LinkedHashMap<>();
    Torch.withoutGrad(
        () -> {
          try (NDManager manager = assembly.manager().newSubManager()) {
            NDList got = pass.run(manager.create(image.values(), new Shape(image.shape())));
            for (int t = 0; t < got.size(); t++) {
              logits.put("logits." + t, CompiledTest.host(got.get(t)));
            }
          }
          return null;
        });
    assembly.sweep();
    return logits;
  }

  static NDList enlarged(Assembly assembly, NDArray image, boolean training) {
    NDList enlarged = new NDList();
    for (NDArray logits : assembly.forward(image, training, null)) {
      Shape size = image.getShape();
      enlarged.add(Functional.interpolate(logits, size.get(2), size.get(3)));
    }
    return enlarged;
  }

  private static double scriptError(Assembly assembly, byte[] archive, HostTensor image) {
    double worst = 0;
    Map<String, HostTensor> values = assembly.values();
    try (NDManager manager = NDManager.newBaseManager();
        PtSymbolBlock block =
            JniUtils.loadModule(
                (PtNDManager) manager, new ByteArrayInputStream(archive), false, false)) {
      for (boolean training : new boolean[] {false, true}) {
        if (training) {
          JniUtils.enableTrainingMode(block);
        }
        Map<String, HostTensor> wanted =
            logits(assembly, image, x -> enlarged(assembly, x, training));
        Map<String, HostTensor> got =
            logits(assembly, image, x -> IValueUtils.forward(block, new NDList(x), training));
        worst = Math.max(worst, CompiledTest.worst(wanted, got));
        assembly.load(values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return worst;
  }

  private static double onnxError(Assembly assembly, byte[] model, HostTensor image) {
    Map<String, HostTensor> wanted = logits(assembly, image, x -> enlarged(assembly, x, false));
    Map<String, HostTensor> got = new LinkedHashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(image.values()),
                image.shape().stream().mapToLong(side -> side).toArray());
        OrtSession.Result results = session.run(Map.of("image", input))) {
      for (Map.Entry<String, OnnxValue> result : results) {
        OnnxTensor tensor = (OnnxTensor) result.getValue();
        int t = Integer.parseInt(result.getKey().substring("logits_t".length()));
        float[] values = new float[tensor.getFloatBuffer().remaining()];
        tensor.getFloatBuffer().get(values);
        got.put(
            "logits." + (t - 1),
            new HostTensor(Arrays.stream(tensor.getInfo().getShape()).boxed().toList(), values));
      }
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
    for (Map.Entry<String, HostTensor> entry : wanted.entrySet()) {
      assertEquals(entry.getValue().shape(), got.get(entry.getKey()).shape());
    }
    return CompiledTest.worst(wanted, got);
  }

  private interface Difference {
    double of(Assembly assembly, byte[] exported, HostTensor image);
  }

  private static void everyCase(String format, double bound, Difference error) throws IOException {
    List<String> wrong = new ArrayList<>();
    CompiledTest.forEveryCase(
        (name, assembly, values, image) -> {
          assembly.load(values);
          byte[] exported = export(assembly, format);
          List<HostTensor> images = new ArrayList<>(List.of(image));
          for (long[] size : SIZES) {
            images.add(image(size));
          }
          for (HostTensor batch : images) {
            double found = error.of(assembly, exported, batch);
            if (!(found <= bound)) {
              wrong.add("%s at %s: %.1e".formatted(name, batch.shape(), found));
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  private static void everyOtherNetwork(String format, double bound, Difference error)
      throws IOException {
    List<String> wrong = new ArrayList<>();
    FakeRegistry registry = Benches.registry();
    for (List<String> lines : NetworkCases.all()) {
      String name = lines.get(0);
      NetworkSpec spec = Specs.read(Json.parse(lines.get(1), name), name);
      try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
        double found = error.of(assembly, export(assembly, format), image(2, 65, 97));
        if (!(found <= bound)) {
          wrong.add("%s: %.1e".formatted(name, found));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  public void onnxOfEveryCaseAgreesAtAnySize() throws IOException {
    everyCase("onnx", 1e-4, ExportTest::onnxError);
  }

  @Test
  public void onnxOfEveryOtherNetworkAgrees() throws IOException {
    everyOtherNetwork("onnx", 1e-4, ExportTest::onnxError);
  }

  @Test
  public void torchScriptOfEveryCaseAgreesAtAnySize() throws IOException {
    everyCase("torchscript", 1e-5, ExportTest::scriptError);
  }

  @Test
  public void torchScriptOfEveryOtherNetworkAgrees() throws IOException {
    everyOtherNetwork("torchscript", 1e-5, ExportTest::scriptError);
  }

  @Test
  public void sameNetworkIsTheSameFile() throws NoSuchAlgorithmException {
    FakeRegistry registry = Benches.registry();
    NetworkSpec spec =
        Specs.read(
            Json.parse(
                """
                {"classes": 3, "iterations": 2, "backbone": {"name": "resnet", "layers": [1, 1, 1, 1], "block": "basic", "width": 8}}\
                """,
                "spec"),
            "spec");
    try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
      Map<String, HostTensor> values = new LinkedHashMap<>();
      for (Map.Entry<String, HostTensor> entry : assembly.values().entrySet()) {
        float[] ramp = new float[entry.getValue().values().length];
        for (int i = 0; i < ramp.length; i++) {
          ramp[i] = (i % 17 + 1) / 16f;
        }
        values.put(entry.getKey(), new HostTensor(entry.getValue().shape(), ramp));
      }
      assembly.load(values);
      assertEquals(
          "09a780eea263bebe99feeee7323f189459c02feccf70f0efd469d7e532eebaeb",
          digest(export(assembly, "torchscript")));
      assertEquals(
          "806c11267ff1b9981528ad0b1355fa7bb30856101caf8e9983a668145138d0ba",
          digest(export(assembly, "onnx")));
    }
  }

  private static String digest(byte[] file) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
  }

  /** As deep as ResNet-101, with four gated blocks and six iterations; narrow, to be quick. */
  @Test
  public void deepNetworksAndStrangersGatesAgree() {
    FakeRegistry registry = Benches.registry();
    registry.put("stranger", new StrangerGate(false));
    NetworkSpec spec =
        Specs.read(
            Json.parse(
                """
                {"classes": 3, "iterations": 6, "feedback": [3, 4, 5, 6], "gate": "stranger",
                 "unroll": "parallel",
                 "backbone": {"name": "resnet", "layers": [3, 4, 23, 3], "width": 4}}\
                """,
                "spec"),
            "spec");
    try (Assembly assembly = new Assembly(spec, registry, registry, "test", Device.cpu())) {
      byte[] script = export(assembly, "torchscript");
      byte[] onnx = export(assembly, "onnx");
      for (long[] size : SIZES) {
        double error = scriptError(assembly, script, image(size));
        assertTrue("torchscript " + error, error <= 1e-5);
        error = onnxError(assembly, onnx, image(size));
        assertTrue("onnx " + error, error <= 1e-4);
      }
    }
  }
}
