package example.mobilenet;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.BeforeClass;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.Stage;
import org.riglab.nn.Conv2d;

/** The numbers of torchvision's MobileNetV2: src/test/python/reference.py. */
public final class TorchvisionTest {
  private static final Map<String, double[]> EXPECTED = new HashMap<>();

  @BeforeClass
  public static void readNumbers() throws Exception {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                TorchvisionTest.class.getResourceAsStream("numbers.txt"),
                StandardCharsets.UTF_8))) {
      in.lines()
          .map(line -> line.split(" "))
          .forEach(
              words ->
                  EXPECTED.put(
                      words[0],
                      Arrays.stream(words, 1, words.length)
                          .mapToDouble(Double::parseDouble)
                          .toArray()));
    }
  }

  private static List<Stage> stages(double width, int outputStride) {
    Map<String, ?> given = Map.of("width", width, "outputStride", outputStride);
    Options options =
        new Options() {
          @Override
          public <T extends Annotation> T as(Class<T> type) {
            return type.cast(
                Proxy.newProxyInstance(
                    type.getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, arguments) -> given.get(method.getName())));
          }
        };
    return new MobileNetV2().stages(new BackboneShape(3), options);
  }

  /** reference.py's formula. */
  private static float[] values(String name, Shape shape) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    int state = (int) crc.getValue();
    double fan = Math.sqrt(6.0 * shape.get(0) / shape.size());
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      state = state * 1664525 + 1013904223;
      double u = (state >>> 8) / (double) (1 << 23) - 1;
      if (name.endsWith("running_var")) {
        u = 1 + u / 2;
      } else if (shape.dimension() == 4) {
        u *= fan;
      } else if (name.endsWith("weight")) {
        u = 1 + u / 5;
      } else {
        u /= 5;
      }
      values[i] = (float) u;
    }
    return values;
  }

  private static int fill(String prefix, Block block) {
    for (Map.Entry<String, Parameter> p : block.getDirectParameters().toMap().entrySet()) {
      NDArray array = p.getValue().getArray();
      array.set(values(prefix + p.getKey(), array.getShape()));
    }
    int count = block.getDirectParameters().size();
    for (var child : block.getChildren()) {
      count += fill(prefix + child.getKey().substring(2) + ".", child.getValue());
    }
    return count;
  }

  private static void assertClose(String name, NDArray found) {
    double[] expected = EXPECTED.get(name);
    float[] values = found.toFloatArray();
    assertEquals(name, expected.length, values.length);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      difference += Math.pow(values[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertEquals(name, 0, Math.sqrt(difference / norm), 1e-4);
  }

  private static void assertAsTorchvision(int outputStride) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape shape = new Shape(1, 3, 65, 49);
      NDArray image = manager.create(values("photo", shape), shape);
      image.setRequiresGradient(true);
      ParameterStore store = new ParameterStore(manager, false);
      List<Stage> stages = new ArrayList<>(stages(0.5, outputStride));
      assertEquals(5, stages.size());
      // reference.py's classifier: what the head fcn is
      int last = stages.get(4).outputChannels();
      Conv2d scores = Conv2d.withBias(last, 3, 1, 1);
      stages.add(new Stage("classifier", Head.PREFIX, scores, last, 3, outputStride));
      int count = 0;
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDList feature = new NDList(image);
        for (Stage stage : stages) {
          stage.block().initialize(manager, DataType.FLOAT32, feature.head().getShape());
          count += fill(stage.prefix(), stage.block());
          feature = stage.block().forward(store, feature, false);
          assertEquals(stage.name(), stage.outputChannels(), feature.head().getShape().get(1));
          assertEquals(
              stage.name(),
              (65 + stage.stride() - 1) / stage.stride(),
              feature.head().getShape().get(2));
        }
        NDArray logits = feature.singletonOrThrow();
        assertClose("logits." + outputStride, logits);
        Shape size = logits.getShape();
        gradients.backward(logits.mul(manager.create(values("gradient", size), size)).sum());
      }
      // torchvision counts batches too, in each of 52 batch norms
      assertEquals(314 - 52, count);
      assertClose("gradient." + outputStride, image.getGradient().get("0, :, ::16, ::16"));
    }
  }

  @Test
  public void stride32() {
    assertAsTorchvision(32);
  }

  @Test
  public void stride16() {
    assertAsTorchvision(16);
  }

  @Test
  public void stride8() {
    assertAsTorchvision(8);
  }

  /** torchvision's published total without the fully connected layer. */
  @Test
  public void hasTorchvisionsParameters() {
    assertEquals(
        3_504_872 - 1_281_000,
        stages(1, 32).stream()
            .flatMap(stage -> stage.block().getParameters().values().stream())
            .filter(Parameter::requiresGradient)
            .mapToLong(parameter -> parameter.getShape().size())
            .sum());
  }

  @Test
  public void refusesWhatItCannotBuild() {
    assertEquals(
        "backbone mobilenetv2: output_stride must be 32, 16 or 8, not 4",
        assertThrows(RigException.class, () -> stages(1, 4)).getMessage());
    assertEquals(
        "backbone mobilenetv2: width must be 0.1 to 4, not NaN",
        assertThrows(RigException.class, () -> stages(Double.NaN, 8)).getMessage());
  }
}
