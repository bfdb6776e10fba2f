package example.espnet;

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
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;

/** The numbers of PyTorch: src/test/python/reference.py. */
public final class ReferenceTest {
  private static final Map<String, double[]> EXPECTED = new HashMap<>();

  @BeforeClass
  public static void readNumbers() throws Exception {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                ReferenceTest.class.getResourceAsStream("numbers.txt"), StandardCharsets.UTF_8))) {
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

  private static List<Stage> stages(int p, int q, int width) {
    Map<String, ?> given = Map.of("p", p, "q", q, "width", width);
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
    List<Stage> stages = new ArrayList<>(new EspNet().stages(new BackboneShape(3), options));
    stages.add(new EspNetHead().stage(new HeadShape(stages, 3), options));
    return stages;
  }

  /** reference.py's formula. */
  private static float[] values(String name, Shape shape) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    int state = (int) crc.getValue();
    double fan = shape.dimension() == 4 ? Math.sqrt(6.0 * shape.get(0) / shape.size()) : 0;
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      state = state * 1664525 + 1013904223;
      double u = (state >>> 8) / (double) (1 << 23) - 1;
      if (name.endsWith("running_var")) {
        u = 1 + u / 2;
      } else if (shape.dimension() == 4) {
        u *= name.equals("image") ? 1 : fan;
      } else if (name.endsWith("bn.weight") || name.equals("br.weight")) {
        u = 1 + u / 5;
      } else {
        u /= 5;
      }
      values[i] = (float) u;
    }
    return values;
  }

  private static void fill(String prefix, Block block, Map<String, NDArray> state) {
    for (Map.Entry<String, Parameter> p : block.getDirectParameters().toMap().entrySet()) {
      String name = prefix + p.getKey();
      NDArray array = p.getValue().getArray();
      array.set(values(name, array.getShape()));
      state.put(name, array);
    }
    for (var child : block.getChildren()) {
      fill(prefix + child.getKey().substring(2) + ".", child.getValue(), state);
    }
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

  private static void assertAsPyTorch(String mode) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> state = new HashMap<>();
      Shape shape = new Shape(1, 3, 32, 48);
      List<Stage> stages = stages(1, 2, 7);
      Shape[] shapes = {shape};
      for (Stage stage : stages) {
        stage.block().initialize(manager, DataType.FLOAT32, shapes);
        shapes = stage.block().getOutputShapes(shapes);
        fill(stage.prefix().replace("backbone.", ""), stage.block(), state);
      }
      assertEquals(new Shape(1, 3, 32, 48), shapes[0]);
      assertEquals((int) EXPECTED.get("tensors")[0], state.size());
      NDArray first = state.get("encoder.level1.conv.weight");
      first.setRequiresGradient(true);
      ParameterStore store = new ParameterStore(manager, false);
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDList arrays = new NDList(manager.create(values("image", shape), shape));
        for (Stage stage : stages) {
          arrays = stage.block().forward(store, arrays, mode.equals("train"));
        }
        NDArray logits = arrays.head();
        assertClose("logits." + mode, logits.get(":, :, ::4, ::4"));
        gradients.backward(logits.mul(logits).sum());
      }
      assertClose("gradient." + mode, first.getGradient());
    }
  }

  @Test
  public void inference() {
    assertAsPyTorch("eval");
  }

  @Test
  public void training() {
    assertAsPyTorch("train");
  }

  /** Those of the published weights for 20 classes. */
  @Test
  public void hasThePublishedNumberOfParameters() {
    List<Stage> stages = stages(2, 8, 20);
    stages.set(4, new EspNetHead().stage(new HeadShape(stages.subList(0, 4), 20), null));
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape[] shapes = {new Shape(1, 3, 32, 32)};
      long parameters = 0;
      for (Stage stage : stages) {
        stage.block().initialize(manager, DataType.FLOAT32, shapes);
        shapes = stage.block().getOutputShapes(shapes);
        parameters +=
            stage.block().getParameters().values().stream()
                .filter(Parameter::requiresGradient)
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
      }
      assertEquals(365_109, parameters);
    }
  }

  @Test
  public void refusesWhatItCannotBuild() {
    assertEquals(
        "backbone espnet: p is 2, q 0 and width 12; p and q must be 1 or more, width 5 or more",
        assertThrows(RigException.class, () -> stages(2, 0, 12)).getMessage());
  }
}
