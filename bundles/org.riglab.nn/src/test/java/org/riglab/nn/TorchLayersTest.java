package org.riglab.nn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Layers and functions beside the numbers of PyTorch, which layers.py has written. */
public class TorchLayersTest {
  private static final Map<String, BiFunction<Context, NDArray, NDArray>> FUNCTIONS =
      Map.of(
          "gelu", (c, x) -> Functional.gelu(x),
          "max-pool",
              (c, x) ->
                  Functional.maxPool2d(x, new Shape(2, 3), new Shape(2, 2), new Shape(1, 1), true),
          "avg-pool",
              (c, x) ->
                  Functional.avgPool2d(
                      x, new Shape(2, 3), new Shape(2, 2), new Shape(1, 1), true, true),
          "avg-pool-inside",
              (c, x) ->
                  Functional.avgPool2d(
                      x, new Shape(3, 3), new Shape(2, 2), new Shape(1, 1), false, false),
          "nearest", (c, x) -> Functional.interpolateNearest(x, 7, 5),
          "nearest-down", (c, x) -> Functional.interpolateNearest(x, 3, 4),
          "aligned", (c, x) -> Functional.interpolateAlignCorners(x, 5, 2),
          "shuffle", (c, x) -> Functional.pixelShuffle(x, 2));

  private static Map<String, Layer> layers() {
    return Map.ofEntries(
        Map.entry(
            "conv-rectangular",
            Conv2d.builder(4, 2).kernel(3, 1).stride(2, 1).padding(1, 0).build()),
        Map.entry(
            "conv-grouped",
            Conv2d.builder(4, 4)
                .kernel(1, 3)
                .stride(1, 2)
                .padding(0, 2)
                .dilation(1, 2)
                .groups(2)
                .bias(false)
                .build()),
        Map.entry("conv-padded", Conv2d.builder(2, 3).kernel(2).stride(2).padding(1).build()),
        Map.entry("transposed", new ConvTranspose2d(2, 3, 3, 2, 1, 1)),
        Map.entry("transposed-grouped", new ConvTranspose2d(4, 2, 2, 3, 0, 2, 2, 2, false)),
        Map.entry("transposed-cut", new ConvTranspose2d(1, 2, 2, 2, 2, 0)),
        Map.entry("transposed-groups", new ConvTranspose2d(4, 6, 5, 2, 1, 1, 2, 1, true)),
        Map.entry("transposed-gap", new ConvTranspose2d(2, 3, 2, 3, 0, 0, 1, 1, false)),
        Map.entry("linear", new Linear(4, 3, true)),
        Map.entry("layer-norm", new LayerNorm(new Shape(3, 4))),
        Map.entry("group-norm", new GroupNorm(2, 4, 1e-3)),
        Map.entry("prelu", new PReLU(3)),
        Map.entry("prelu-one", new PReLU(1)));
  }

  private final NDManager manager = NDManager.newBaseManager();
  private final Context context = new Context(new ParameterStore(manager, false), true);
  private boolean before;

  @Before
  public void gradients() {
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
  }

  @After
  public void close() {
    JniUtils.setGradMode(before);
    manager.close();
  }

  /** What PyTorch was given, and what it computed. */
  private record Case(String name, List<String> given, List<String> computed) {}

  private static List<Case> cases() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                TorchLayersTest.class.getResourceAsStream("layers.txt"),
                StandardCharsets.US_ASCII))) {
      List<Case> cases = new ArrayList<>();
      for (String line : reader.lines().toList()) {
        if (line.equals("=")) {
          cases.get(cases.size() - 1).given().add(line);
        } else if (line.indexOf('|') < 0) {
          cases.add(new Case(line, new ArrayList<>(), new ArrayList<>()));
        } else {
          Case last = cases.get(cases.size() - 1);
          (last.given().contains("=") ? last.computed() : last.given()).add(line);
        }
      }
      cases.forEach(c -> c.given().remove("="));
      return cases;
    }
  }

  private NDArray array(String line) {
    String[] sides = line.split("[|]");
    long[] shape = Stream.of(sides[0].trim().split(" ")).mapToLong(Long::parseLong).toArray();
    String[] words = sides[1].trim().split(" ");
    float[] values = new float[words.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(words[i]);
    }
    return manager.create(values, new Shape(shape));
  }

  private static void equal(String what, NDArray wanted, NDArray got) {
    assertEquals(what, wanted.getShape(), got.getShape());
    float largest =
        (float)
            IntStream.range(0, (int) wanted.size())
                .mapToDouble(i -> Math.abs(wanted.flatten().getFloat(i)))
                .max()
                .orElse(1);
    assertArrayEquals(what, wanted.toFloatArray(), got.toFloatArray(), 1e-5f * largest);
  }

  @Test
  public void computesWhatPyTorchComputes() throws IOException {
    Map<String, Layer> layers = new LinkedHashMap<>(layers());
    Set<String> seen = new TreeSet<>();
    for (Case c : cases()) {
      seen.add(c.name());
      NDArray x = array(c.given().get(0));
      x.setRequiresGradient(true);
      NDArray y;
      Layer layer = layers.get(c.name());
      if (layer == null) {
        y = FUNCTIONS.get(c.name()).apply(context, x);
      } else {
        layer.initialize(manager, DataType.FLOAT32, x.getShape());
        List<Parameter> parameters = layer.getDirectParameters().values().stream().toList();
        assertEquals(c.name(), c.given().size() - 1, parameters.size());
        for (int i = 0; i < parameters.size(); i++) {
          NDArray wanted = array(c.given().get(i + 1));
          NDArray value = parameters.get(i).getArray();
          assertEquals(c.name(), wanted.getShape(), value.getShape());
          JniUtils.setGradMode(false);
          value.set(new NDIndex("..."), wanted);
          JniUtils.setGradMode(true);
        }
        y = layer.forward(context, new NDList(x)).singletonOrThrow();
        assertEquals(c.name(), y.getShape(), layer.outputShape(x.getShape()));
      }
      equal(c.name(), array(c.computed().get(0)), y);
      float[] counting = new float[(int) y.size()];
      for (int i = 0; i < counting.length; i++) {
        counting[i] = i + 1;
      }
      NDArray sum = y.mul(manager.create(counting, y.getShape())).sum();
      JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
      equal(
          "gradient of " + c.name(),
          array(c.computed().get(1)),
          JniUtils.getGradient((PtNDArray) x));
    }
    Set<String> all = new TreeSet<>(layers.keySet());
    all.addAll(FUNCTIONS.keySet());
    assertEquals(all, seen);
  }

  /** What a pass makes belongs to the manager of its input, not to that of the parameters. */
  @Test
  public void leavesNothingWithTheParameters() throws IOException {
    Map<String, Layer> layers = layers();
    Set<String> seen = new TreeSet<>();
    for (Case c : cases()) {
      Layer layer = layers.get(c.name());
      if (layer == null || !seen.add(c.name())) {
        continue;
      }
      try (NDManager own = manager.newSubManager();
          NDManager pass = manager.newSubManager()) {
        NDArray x = array(c.given().get(0));
        x.attach(pass);
        layer.initialize(own, DataType.FLOAT32, x.getShape());
        Context each = new Context(new ParameterStore(own, false), true);
        layer.forward(each, new NDList(x));
        int before = own.getManagedArrays().size();
        layer.forward(each, new NDList(x));
        assertEquals(c.name(), before, own.getManagedArrays().size());
      }
    }
    assertEquals(layers.keySet(), seen);
  }

  @Test
  public void dropoutKeepsTheMeanInTrainingAndDoesNothingInEvaluation() {
    Dropout dropout = new Dropout(0.25);
    dropout.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 100, 100));
    NDArray x = manager.ones(new Shape(1, 1, 100, 100));
    float[] trained = dropout.forward(context, x).toFloatArray();
    long zeros = IntStream.range(0, trained.length).filter(i -> trained[i] == 0).count();
    assertEquals(2500, zeros, 250);
    assertEquals(
        trained.length - zeros,
        IntStream.range(0, trained.length)
            .filter(i -> Math.abs(trained[i] - 1 / 0.75f) < 1e-5)
            .count());
    Context evaluation = new Context(new ParameterStore(manager, false), false);
    assertArrayEquals(x.toFloatArray(), dropout.forward(evaluation, x).toFloatArray(), 0);
  }

  @Test
  public void refusesWhatDoesNotFit() {
    assertThrows(IllegalArgumentException.class, () -> Conv2d.builder(3, 4).groups(2).build());
    assertThrows(IllegalArgumentException.class, () -> Conv2d.builder(4, 4).stride(0).build());
    assertThrows(IllegalArgumentException.class, () -> new ConvTranspose2d(1, 1, 3, 2, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> new GroupNorm(3, 4));
    assertThrows(
        IllegalArgumentException.class,
        () -> Functional.pixelShuffle(manager.ones(new Shape(1, 6, 2, 2)), 2));
  }
}
