package org.riglab.evaluation.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.Before;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.ImageScore;
import org.riglab.api.bench.Observer;
import org.riglab.api.data.Sample;
import org.riglab.api.metric.Accumulator;
import org.riglab.metrics.internal.ChangeRateMetric;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.FakeNetworks;
import org.riglab.networks.internal.NoiseRegistry;

/** Networks that need fewer iterations for some images: by their strategy, or by a condition. */
public class EarlyStopTest {
  private static final int PIXELS = 16 * 20;

  private final FakeNetworks networks = new FakeNetworks();
  private final NoiseRegistry.Noise noise = new NoiseRegistry.Noise(16, 20);
  private final NoiseRegistry registry = new NoiseRegistry(noise);
  private final EvaluatorService evaluator = new EvaluatorService(registry, networks);

  @Before
  public void setUp() {
    Torch.engine();
    registry.put("change-rate", new ChangeRateMetric());
  }

  private Evaluation evaluate(Object... options) {
    Map<String, Object> map =
        new HashMap<>(Map.of("dataset", "noise", "threads", 1, "metrics", "confusion,change-rate"));
    for (int i = 0; i < options.length; i += 2) {
      map.put((String) options[i], options[i + 1]);
    }
    return evaluator.evaluate(evaluator.plan("tiny", map), Observer.NONE);
  }

  /** Labels of each image and prediction if all are computed, one image at a time. */
  private List<List<byte[]>> answers(int iterations) {
    List<List<byte[]>> all = new ArrayList<>();
    registry.put("keeper", new KeepingMetric(all, iterations));
    evaluate("iterations", iterations, "metrics", "keeper");
    return all;
  }

  private void stopsEarly(List<Integer> lengths) {
    int[] image = {-1};
    networks.stopsEarly(
        (images, t) -> {
          assertEquals("images come one by one", 1, images.getShape().get(0));
          image[0] += t == 1 ? 1 : 0;
          return t >= lengths.get(image[0]);
        });
  }

  private void assertCarried(List<Integer> lengths) {
    networks.stopsEarly(null);
    List<List<byte[]>> answers = answers(4);
    stopsEarly(lengths);
    Evaluation evaluation = evaluate("iterations", 4, "per_image", true);
    assertEquals(lengths, evaluation.cost().used());
    int most = lengths.stream().mapToInt(n -> n).max().orElseThrow();
    assertEquals(most, evaluation.iterations().size());
    for (int t = 1; t <= most; t++) {
      Accumulator confusion = new ConfusionMetric().accumulator(3, null);
      int changed = 0;
      for (int i = 0; i < 5; i++) {
        byte[] now = answers.get(i).get(Math.min(t, lengths.get(i)) - 1);
        byte[] before = answers.get(i).get(Math.max(0, Math.min(t - 1, lengths.get(i)) - 1));
        confusion.add(now, noise.split("val").sample(i).label(), 16, 20);
        for (int p = 0; p < PIXELS; p++) {
          changed += now[p] == before[p] ? 0 : 1;
        }
      }
      assertEquals(
          "t" + t, confusion.result().confusion(), evaluation.iterations().get(t - 1).confusion());
      if (t > 1) {
        assertEquals(
            "t" + t,
            changed / (5.0 * PIXELS),
            evaluation.iterations().get(t - 1).values().get("changeRate"),
            1e-9);
      }
    }
    assertPerImage(evaluation, answers, lengths);
  }

  private void assertPerImage(
      Evaluation evaluation, List<List<byte[]>> answers, List<Integer> lengths) {
    assertEquals(5, evaluation.perImage().size());
    for (int i = 0; i < 5; i++) {
      ImageScore score = evaluation.perImage().get(i);
      Sample sample = noise.split("val").sample(i);
      byte[] answer = answers.get(i).get(lengths.get(i) - 1);
      Accumulator one = new ConfusionMetric().accumulator(3, null);
      one.add(answer, sample.label(), 16, 20);
      assertEquals("val" + i, score.id());
      assertEquals(one.result().values().get("mIoU"), score.meanIou(), 1e-12);
      assertEquals(one.result().values().get("pAcc"), score.accuracy(), 1e-12);
    }
  }

  @Test
  public void carriesTheLastPredictionForward() {
    assertCarried(List.of(3, 1, 4, 2, 1));
  }

  @Test
  public void carriesImagesForwardThatCameBefore() {
    assertCarried(List.of(1, 2, 1, 4, 3));
  }

  @Test
  public void stopsPerImageUntilAPredictionIsStable() {
    List<List<byte[]>> answers = answers(4);
    networks.seen().clear();
    Evaluation evaluation = evaluate("iterations", 4, "until", "stable");
    assertEquals(Set.of(new Shape(1, 3, 16, 20)), Set.copyOf(networks.seen()));
    for (int used : evaluation.cost().used()) {
      // logits of the second prediction are twice those of the first: nothing changes
      assertEquals(2, used);
    }
    assertEquals(2, evaluation.iterations().size());
    assertEquals(2.0, evaluation.cost().meanUsed(), 0);
    assertEquals(2e6 * PIXELS, evaluation.cost().meanMultiplyAdds(), 1);
    assertEquals(
        List.of(1e6 * PIXELS, 2e6 * PIXELS, 3e6 * PIXELS, 4e6 * PIXELS),
        evaluation.cost().multiplyAdds());
    assertEquals(5, answers.size());
  }

  @Test
  public void staysWithinABudgetOfMultiplyAdds() {
    Evaluation evaluation = evaluate("iterations", 8, "budget_gmac", 3.5e-3 * PIXELS);
    assertEquals(List.of(3, 3, 3, 3, 3), evaluation.cost().used());
    assertTrue(evaluation.cost().meanMultiplyAdds() <= 3.5e6 * PIXELS);
    String message =
        assertThrows(RigException.class, () -> evaluate("budget_gmac", 0.9e-3 * PIXELS))
            .getMessage();
    assertTrue(
        message,
        message.endsWith(
            String.format(
                Locale.ROOT,
                "it must be %.6f or more, the cost of the first prediction",
                1e-3 * PIXELS)));
  }

  @Test
  public void measuresTheCostOfEveryPrediction() {
    Evaluation evaluation = evaluate("cost", true);
    assertEquals(List.of(2, 2, 2, 2, 2), evaluation.cost().used());
    assertEquals(2, evaluation.cost().milliseconds().size());
    assertTrue(evaluation.cost().milliseconds().get(0) <= evaluation.cost().milliseconds().get(1));
    assertEquals(List.of(), evaluate().cost().milliseconds());
  }
}
