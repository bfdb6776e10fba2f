package org.riglab.evaluation.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inspection;
import org.riglab.api.bench.Observer;
import org.riglab.gates.internal.MulSigmoid;
import org.riglab.networks.internal.Bench;
import org.riglab.networks.internal.Benches;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.networks.internal.Toy;
import org.riglab.unrolls.internal.FeedForward;
import org.riglab.unrolls.internal.Parallel;

/** Inspections of a small network of three iterations. */
public class InspectorServiceTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final NoiseRegistry.Noise noise = new NoiseRegistry.Noise(16, 20);
  private final NoiseRegistry registry = new NoiseRegistry(noise);
  private Bench bench;

  @Before
  public void open() throws Exception {
    registry.put("toy", new Toy());
    registry.put("toy-head", new Toy.ToyHead());
    registry.put("mul-sigmoid", new MulSigmoid());
    registry.put("parallel", new Parallel());
    registry.put("feed-forward", new FeedForward());
    Path home = folder.newFolder().toPath();
    bench = Benches.create(home, registry);
    bench.networks.assemble("toy", Toy.spec("parallel"), false);
  }

  @After
  public void close() {
    bench.close();
  }

  private EvalSpec spec(EvaluatorService evaluator, Object... options) {
    Map<String, Object> map = new HashMap<>(Map.of("dataset", "noise", "execution", "eager"));
    for (int i = 0; i < options.length; i += 2) {
      map.put((String) options[i], options[i + 1]);
    }
    return evaluator.plan("toy", map);
  }

  @Test
  public void anImageThatCannotFitIsRefusedBeforeAnythingIsAllocated() {
    noise.hugeAt = 0;
    EvalSpec spec = spec(new EvaluatorService(registry, bench.networks));
    InspectorService inspector = new InspectorService(registry, bench.networks);
    RigException e =
        assertThrows(RigException.class, () -> inspector.inspect(spec, 2, Observer.NONE));
    assertEquals(RigException.Kind.OUT_OF_MEMORY, e.kind());
    assertTrue(e.getMessage(), e.getMessage().startsWith("needs 13194.1 GB: 3 classes x 1048576"));
    assertTrue(e.getMessage(), e.getMessage().endsWith("use a smaller --resize"));
  }

  @Test
  public void endsAtAnInterrupt() {
    EvalSpec spec = spec(new EvaluatorService(registry, bench.networks));
    InspectorService inspector = new InspectorService(registry, bench.networks);
    Observer interrupting =
        new Observer() {
          @Override
          public void image(int done, int total) {
            Thread.currentThread().interrupt();
          }
        };
    assertThrows(CancellationException.class, () -> inspector.inspect(spec, 2, interrupting));
    assertTrue("the status stays", Thread.interrupted());
  }

  @Test
  public void agreesWithTheEvaluationAndKeepsTheWorst() {
    EvaluatorService evaluator = new EvaluatorService(registry, bench.networks);
    EvalSpec spec = spec(evaluator);
    Inspection inspection =
        new InspectorService(registry, bench.networks).inspect(spec, 2, Observer.NONE);
    Evaluation evaluation = evaluator.evaluate(spec, Observer.NONE);
    assertEquals(3, inspection.iou().size());
    for (int t = 0; t < 3; t++) {
      List<Double> expected = evaluation.iterations().get(t).perClass().get("IoU");
      for (int c = 0; c < 3; c++) {
        assertEquals(expected.get(c), inspection.iou().get(t).get(c), 1e-12);
      }
    }
    assertEquals(5, inspection.images().size());
    double before = 0;
    for (Inspection.ImageResult image : inspection.images()) {
      assertTrue("the worst first", image.meanIou().get(2) >= before);
      before = image.meanIou().get(2);
    }
    assertEquals(2, inspection.examples().size());
    assertEquals(inspection.images().get(0).id(), inspection.examples().get(0).row().name());
    assertEquals(
        Set.of("gate.2.t2", "gate.2.t3", "gate.3.t2", "gate.3.t3"), inspection.gates().keySet());
    inspection
        .gates()
        .values()
        .forEach(gate -> assertTrue("a sigmoid", gate.low() > 0 && gate.high() < 1));
    Map<String, ?> maps = inspection.examples().get(0).row().maps();
    assertTrue(maps.keySet().toString(), maps.containsKey("gate.3.t2 spread"));
    FeatureMap channels = (FeatureMap) maps.get("gate.3.t2 channels");
    FeatureMap mean = (FeatureMap) maps.get("gate.3.t2 mean");
    // five channels in two rows of three
    assertEquals(2 * mean.height(), channels.height());
    assertEquals(3 * mean.width(), channels.width());
    assertEquals(3, maps.keySet().stream().filter(name -> name.startsWith("class ")).count());
    long pixels =
        inspection.groups().get(0).bins().stream().mapToLong(Inspection.Bin::pixels).sum();
    assertEquals(
        evaluation.answer().confusion().stream()
            .flatMap(List::stream)
            .mapToLong(Long::longValue)
            .sum(),
        pixels);
    assertTrue(Double.isNaN(inspection.residuals().get(0)));
    assertTrue(inspection.residuals().get(1) > 0);
    assertEquals(2, inspection.dynamics().size());
    assertEquals(24, inspection.dynamics().get(0).anderson().size());
    List<Double> radius = inspection.dynamics().get(0).radius();
    assertTrue(radius.toString(), radius.get(radius.size() - 1) < 1);
    // what converges linearly does so with the spectral radius
    List<Double> plain = inspection.dynamics().get(0).plain();
    assertTrue(plain.toString(), plain.get(6) < plain.get(1));
    assertEquals(List.of(), registry.leased().stream().filter(l -> l.contains("noise")).toList());
  }

  @Test
  public void refusesSeveralPasses() {
    EvaluatorService evaluator = new EvaluatorService(registry, bench.networks);
    InspectorService inspector = new InspectorService(registry, bench.networks);
    String message =
        assertThrows(
                RigException.class,
                () -> inspector.inspect(spec(evaluator, "flip", true), 1, Observer.NONE))
            .getMessage();
    assertTrue(message, message.contains("single pass"));
  }
}
