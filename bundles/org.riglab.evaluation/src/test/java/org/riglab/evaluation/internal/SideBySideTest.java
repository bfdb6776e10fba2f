package org.riglab.evaluation.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.SideBySide;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.Session;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.tensors.HostTensor;

/** Two variants in one pass score as each does alone. */
public class SideBySideTest {
  private static final Map<String, Object> OPTIONS =
      Map.of("dataset", "noise", "threads", 1, "execution", "eager");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private Bench bench;
  private EvaluatorService evaluator;

  @Before
  public void open() {
    registry.put("noise", new NoiseRegistry.Noise(24, 32));
    registry.put("confusion", new ConfusionMetric());
    bench = Benches.create(folder.getRoot().toPath(), registry);
    evaluator = new EvaluatorService(registry, bench.networks);
    bench.networks.assemble("rig", spec("mul-sigmoid", "parallel", 2), false);
    try (Session session = bench.networks.open("rig", "test", Device.cpu())) {
      Map<String, HostTensor> values = session.values();
      Random random = new Random(5);
      values.forEach(
          (name, value) -> {
            for (int i = 0; i < value.values().length; i++) {
              // Running variances stay positive, and no class wins everywhere.
              value.values()[i] +=
                  name.contains("running_var") || name.startsWith("classifier.bias")
                      ? 0
                      : random.nextFloat() - 0.5f;
            }
          });
      session.load(values);
      session.save(session.trainedOn());
    }
  }

  private static NetworkSpec spec(String gate, String unroll, int iterations) {
    return new NetworkSpec(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 4, "output_stride", 8)),
        PartSpec.of("fcn"),
        PartSpec.of(gate),
        PartSpec.of(unroll),
        List.of(4, 5, 6),
        iterations,
        3,
        BatchNormPolicy.PER_ITERATION,
        7);
  }

  private EvalSpec plan() {
    return evaluator.plan("rig", OPTIONS);
  }

  private SideBySide compare(NetworkSpec first, NetworkSpec second) {
    return evaluator.compare(plan(), first, second, 3, Observer.NONE);
  }

  private Evaluation alone() {
    return evaluator.evaluate(plan(), Observer.NONE);
  }

  @Test
  public void eachScoresAsItDoesAlone() {
    NetworkSpec a = spec("mul-sigmoid", "parallel", 2);
    NetworkSpec b = spec("identity", "parallel", 3);
    SideBySide both = compare(a, b);
    assertEquals(bench.networks.json(a), bench.networks.json(bench.networks.get("rig").spec()));
    assertEquals(alone().iterations(), both.first().iterations());
    assertEquals(List.of(), both.first().weights().initialised());
    assertEquals(5, both.images());
    assertTrue(both.first().seconds() > 0 && both.second().seconds() > 0);
    bench.networks.swap("rig", b);
    assertEquals(alone().iterations(), both.second().iterations());
    assertEquals(3, both.second().iterations().size());
    assertTrue(both.differing() > 0 && both.differing() <= 1);
    assertTrue(both.most().size() <= 3);
    assertTrue(both.most().get(0).share() >= both.differing());
    // Accuracy per image, weighted by nothing: only its bounds are known here.
    assertTrue(both.most().stream().allMatch(d -> d.first() >= 0 && d.first() <= 1));
  }

  @Test
  public void aNetworkThatTrainsIsPlannedAndCompared() {
    NetworkSpec a = spec("mul-sigmoid", "parallel", 2);
    NetworkSpec b = spec("identity", "parallel", 2);
    double expected = compare(a, b).differing();
    try (Session session = bench.networks.open("rig", "run rig-1", Device.cpu())) {
      assertEquals("noise", plan().dataset().name());
      assertEquals(expected, compare(a, b).differing(), 0);
      RigException busy = assertThrows(RigException.class, this::alone);
      assertEquals(RigException.Kind.BUSY, busy.kind());
      assertEquals(2, session.spec().iterations());
    }
  }

  @Test
  public void theSameTwiceDiffersNowhere() {
    NetworkSpec a = spec("mul-sigmoid", "parallel", 2);
    SideBySide both = compare(a, a);
    assertEquals(both.first().iterations(), both.second().iterations());
    assertEquals(0, both.differing(), 0);
    assertEquals(List.of(), both.most());
  }

  @Test
  public void aPartThatWasThereBeforeHasItsWeights() {
    NetworkSpec a = spec("mul-sigmoid", "parallel", 2);
    Evaluation before = alone();
    bench.networks.swap("rig", spec("identity", "parallel", 2));
    SideBySide both = compare(a, spec("add-relu", "parallel", 2));
    assertEquals(before.iterations(), both.first().iterations());
    assertEquals(6, both.first().weights().restored().size());
    assertEquals(6, both.second().weights().initialised().size());
  }

  @Test
  public void whatCannotBeComparedIsRefused() {
    NetworkSpec a = spec("mul-sigmoid", "parallel", 2);
    List<String> leased = registry.leased();
    String missing =
        assertThrows(RigException.class, () -> compare(a, spec("nothing", "parallel", 2)))
            .getMessage();
    assertTrue(missing, missing.contains("nothing"));
    EvalSpec onnx = evaluator.plan("rig", Map.of("dataset", "noise", "execution", "onnx"));
    String message =
        assertThrows(RigException.class, () -> evaluator.compare(onnx, a, a, 3, Observer.NONE))
            .getMessage();
    assertTrue(message, message.endsWith("it must be compiled or eager"));
    assertEquals(leased, registry.leased());
  }
}
