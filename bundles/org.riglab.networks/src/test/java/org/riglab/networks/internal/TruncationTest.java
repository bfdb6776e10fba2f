package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.riglab.networks.internal.TrainingReference.assertDigest;
import static org.riglab.networks.internal.TrainingReference.assertNumber;
import static org.riglab.networks.internal.TrainingReference.sines;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.data.Dataset;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Functional;

/** Gradients of three iterations with and without truncation, compared with PyTorch's. */
public class TruncationTest {
  private static final List<Double> ALL = List.of(0.3, 0.5, 1.0);

  /** As network-wide-gated, written by somebody else: only the gate knows of truncation. */
  private static final class Stranger implements Unroll {
    @Override
    public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
      return List.of(new GateShape(1, 3, List.of(Toy.CLASSES)));
    }

    @Override
    public int applications(UnrollSpec spec, int block, Options options) {
      return spec.iterations();
    }

    @Override
    public NDList forward(Pass pass, NDArray image, Options options) {
      NDList answers = new NDList();
      for (int t = 1; t <= pass.spec().iterations(); t++) {
        NDList x = new NDList(image);
        if (t > 1) {
          x = pass.gate(1, t, x, answers.get(answers.size() - 1));
        }
        for (int k = 1; k <= pass.blocks(); k++) {
          x = pass.block(k, t, x);
        }
        answers.add(x.head());
      }
      return answers;
    }
  }

  private static Assembly assembly(String unroll) {
    FakeRegistry registry = Benches.registry();
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    registry.put("stranger", new Stranger());
    Assembly assembly = new Assembly(Toy.spec(unroll), registry, registry, "test", Device.cpu());
    assembly.load(Toy.values(assembly.shapes()));
    return assembly;
  }

  private record Result(double loss, Map<String, float[]> gradients) {}

  private static Result run(String unroll, int truncate, List<Double> weights) {
    try (Assembly assembly = assembly(unroll);
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDArray image = sines(manager, new Shape(2, 3, 12, 10), 1, 0.37, 0);
      byte[] bytes = TrainingReference.labels(0, 240, Toy.CLASSES);
      NDArray label =
          manager
              .create(ByteBuffer.wrap(bytes), new Shape(2, 12, 10), DataType.UINT8)
              .toType(DataType.INT64, true);
      CrossEntropy entropy = new CrossEntropy(Dataset.VOID, List.of());
      double loss =
          Torch.withGrad(
              true,
              () -> {
                NDList logits = assembly.forward(image, true, truncate, null);
                NDArray sum = null;
                for (int t = 0; t < logits.size(); t++) {
                  double weight =
                      weights.isEmpty() ? (t == logits.size() - 1 ? 1 : 0) : weights.get(t);
                  if (weight > 0) {
                    NDArray one =
                        Functional.times(
                            entropy.mean(Functional.interpolate(logits.get(t), 12, 10), label),
                            weight);
                    sum = sum == null ? one : sum.add(one);
                  }
                }
                JniUtils.backward((PtNDArray) sum, (PtNDArray) sum.onesLike(), false, false);
                return (double) sum.getFloat();
              });
      Map<String, float[]> gradients = new LinkedHashMap<>();
      assembly
          .state()
          .forEach(
              (name, parameter) -> {
                NDArray gradient = JniUtils.getGradient((PtNDArray) parameter.getArray());
                gradients.put(name, gradient == null ? new float[1] : gradient.toFloatArray());
              });
      return new Result(loss, gradients);
    }
  }

  private static void compare(String unroll, Object expected, Result result, String what) {
    Map<?, ?> numbers = (Map<?, ?>) expected;
    assertNumber(what, numbers.get("loss"), result.loss());
    Map<?, ?> gradients = (Map<?, ?>) numbers.get("gradients");
    assertEquals(unroll, gradients.keySet(), result.gradients().keySet());
    gradients.forEach(
        (name, digest) -> assertDigest(what + " " + name, digest, result.gradients().get(name)));
  }

  @Test
  public void gradientsOfEveryStrategyArePyTorchs() {
    Map<String, Object> cases = TrainingReference.section("truncation");
    assertEquals(33, cases.size());
    cases.forEach(
        (name, expected) -> {
          String[] words = name.split(" ");
          List<Double> weights = words[2].equals("all") ? ALL : List.of();
          compare(words[0], expected, run(words[0], Integer.parseInt(words[1]), weights), name);
        });
  }

  @Test
  public void aStrangersStrategyIsTruncatedToo() {
    Map<String, Object> cases = TrainingReference.section("truncation");
    for (int k = 0; k < 3; k++) {
      String name = "network-wide-gated " + k + " last";
      compare("stranger", cases.get(name), run("stranger", k, List.of()), name);
    }
  }

  @Test
  public void asManyIterationsAsThereAreIsNoTruncation() {
    Result all = run("parallel", 0, ALL);
    for (int k : new int[] {3, 7}) {
      Result same = run("parallel", k, ALL);
      assertEquals(all.loss(), same.loss(), 0);
      List<String> different = new ArrayList<>();
      all.gradients()
          .forEach(
              (name, gradient) -> {
                if (!Arrays.equals(gradient, same.gradients().get(name))) {
                  different.add(name);
                }
              });
      assertTrue(k + " " + different, different.isEmpty());
    }
  }
}
