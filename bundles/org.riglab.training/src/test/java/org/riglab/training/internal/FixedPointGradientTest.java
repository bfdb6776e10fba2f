package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.Training;
import org.riglab.api.data.Dataset;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.Toy;
import org.riglab.networks.internal.TrainingReference;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

/** Gradients of a fixed point, against back-propagation through many iterations. */
public class FixedPointGradientTest {
  /** After these the feedback of the network below changes by less than 1e-6 of itself. */
  private static final int LONG = 40;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Bench bench;

  @Before
  public void setUp() throws IOException {
    Torch.engine();
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    registry.put("two", new TrainingTest.Two());
    BuiltInParts.in(registry);
    bench = Benches.create(folder.newFolder().toPath(), registry);
    bench.networks.assemble("toy", Toy.spec("parallel"), false);
    try (Session session = bench.networks.open("toy", "test", Device.cpu())) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      session.values().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      session.load(Toy.values(shapes));
      session.save(session.trainedOn());
    }
  }

  /** Unrolls {@value #LONG} iterations without a rule. */
  private Map<String, float[]> gradients(String rule) {
    try (Session session = bench.networks.open("toy", "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = TrainingReference.sines(manager, new Shape(2, 3, 12, 10), 1, 0.37, 0);
      NDArray label =
          manager
              .create(
                  ByteBuffer.wrap(TrainingReference.labels(0, 240, Toy.CLASSES)),
                  new Shape(2, 12, 10),
                  DataType.UINT8)
              .toType(DataType.INT64, true);
      CrossEntropy entropy = new CrossEntropy(Dataset.VOID, List.of());
      Torch.withGrad(
          true,
          () -> {
            NDArray total =
                rule.isEmpty()
                    ? loss(session.forward(image, true, 0, LONG), label, entropy)
                    : new FixedPointGradient(session, GradientRule.parse(rule))
                        .run(image, logits -> loss(logits, label, entropy))
                        .total();
            JniUtils.backward((PtNDArray) total, (PtNDArray) total.onesLike(), false, false);
            return null;
          });
      Map<String, float[]> gradients = new LinkedHashMap<>();
      session
          .state()
          .forEach(
              (name, parameter) -> {
                NDArray gradient = JniUtils.getGradient((PtNDArray) parameter.getArray());
                gradients.put(name, gradient == null ? new float[0] : gradient.toFloatArray());
              });
      return gradients;
    }
  }

  private static NDArray loss(NDList logits, NDArray label, CrossEntropy entropy) {
    return entropy.mean(Functional.interpolate(logits.get(logits.size() - 1), 12, 10), label);
  }

  /** Largest difference, as a share of the norm of all gradients. */
  private static double difference(Map<String, float[]> a, Map<String, float[]> b) {
    double squares = 0;
    double norm = 0;
    for (Map.Entry<String, float[]> entry : a.entrySet()) {
      float[] other = b.get(entry.getKey());
      assertEquals(entry.getKey(), entry.getValue().length, other.length);
      for (int i = 0; i < other.length; i++) {
        squares += Math.pow(entry.getValue()[i] - other[i], 2);
        norm += Math.pow(entry.getValue()[i], 2);
      }
    }
    return Math.sqrt(squares / norm);
  }

  @Test
  public void theImplicitGradientIsThatOfALongUnroll() {
    Map<String, float[]> unrolled = gradients("");
    double plain = difference(unrolled, gradients("implicit:40:1e-6"));
    assertTrue("plain " + plain, plain < 1e-4);
    double anderson = difference(unrolled, gradients("anderson:20:1e-6"));
    assertTrue("anderson " + anderson, anderson < 1e-3);
    double step = difference(unrolled, gradients("one-step:40"));
    assertTrue("one step leaves out what feedback contributes: " + step, step > 5e-3);
  }

  private static Map<String, Object> options(String gradient) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("dataset", "two");
    options.put("val_split", "none");
    options.put("size", "12x10");
    options.put("steps", 8);
    options.put("batch", 1);
    options.put("accumulation", 2);
    options.put("lr", 0.2);
    options.put("scale", "1,1");
    options.put("flip", false);
    options.put("execution", "eager");
    options.put("gradient", gradient);
    return options;
  }

  private Training train(Map<String, Object> options) {
    TrainerService trainer = new TrainerService(registry, registry, bench.networks, bench.networks);
    return trainer.train(trainer.plan("toy", options), Observer.NONE);
  }

  @Test
  public void aTrainingLowersTheLossOfTheFixedPoint() {
    for (String gradient : List.of("implicit:6", "one-step:6")) {
      List<Training.Point> points = train(options(gradient)).points();
      assertTrue(gradient, points.get(7).loss() < points.get(0).loss());
    }
  }

  private String refused(String option, Object value, String gradient) {
    Map<String, Object> options = options(gradient);
    options.put(option, value);
    return assertThrows(RigException.class, () -> train(options)).getMessage();
  }

  @Test
  public void whatDoesNotFitIsRefused() {
    String right = "it must be unrolled with iteration_weights";
    assertTrue(refused("iteration_weights", "1,1,1", "implicit").contains(right));
    assertTrue(refused("truncate", 1, "one-step").contains(right));
    assertTrue(refused("halting", true, "anderson").contains(right));
    assertTrue(refused("execution", "compiled", "implicit").contains("it must be eager where"));
    for (String wrong :
        List.of(
            "implicit:2", "one-step:9:0.1", "unrolled:9", "implicit:9:1", "implicit:10000", "x")) {
      assertTrue(wrong, refused("steps", 8, wrong).contains("it must be unrolled, implicit[:N"));
    }
    bench.networks.discard("toy");
    bench.networks.assemble("toy", Toy.spec("network-wide"), false);
    String none = refused("steps", 8, "implicit");
    assertTrue(none, none.contains("needs feedback to gates"));
    bench.networks.discard("toy");
    bench.networks.assemble("toy", Toy.spec("sequential"), false);
    String one = refused("steps", 8, "implicit");
    assertTrue(one, one.contains("for a network with one prediction"));
  }
}
