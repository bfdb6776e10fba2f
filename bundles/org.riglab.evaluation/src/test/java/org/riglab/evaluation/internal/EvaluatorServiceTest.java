package org.riglab.evaluation.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.Before;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Accumulator;
import org.riglab.metrics.internal.ConfusionMetric;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.FakeNetworks;
import org.riglab.networks.internal.NoiseRegistry;

public class EvaluatorServiceTest {
  private static final Map<String, Object> OPTIONS = Map.of("dataset", "noise", "threads", 1);

  private final FakeNetworks networks = new FakeNetworks();
  private final NoiseRegistry.Noise noise = new NoiseRegistry.Noise(16, 20);
  private final NoiseRegistry registry = new NoiseRegistry(noise);
  private final EvaluatorService evaluator = new EvaluatorService(registry, networks);

  @Before
  public void setUp() {
    Torch.engine();
  }

  private Evaluation evaluate(Map<String, ?> options, Observer observer) {
    return evaluator.evaluate(evaluator.plan("tiny", options), observer);
  }

  /** Makes the network answer the same class everywhere, whatever it sees. */
  private void answer(int wanted) {
    float[] weights = networks.saved().get("classifier.weight").values();
    Arrays.fill(weights, 0);
    float[] bias = networks.saved().get("classifier.bias").values();
    bias[wanted] = 1;
  }

  @Test
  public void scoresEveryIterationOverTheWholeSplit() {
    answer(1);
    List<Integer> counted = new ArrayList<>();
    Evaluation evaluation =
        evaluate(
            OPTIONS,
            new Observer() {
              @Override
              public void image(int done, int total) {
                assertEquals(5, total);
                counted.add(done);
              }
            });
    Split val = noise.split("val");
    Accumulator expected = new ConfusionMetric().accumulator(3, null);
    for (int i = 0; i < val.size(); i++) {
      byte[] prediction = new byte[16 * 20];
      Arrays.fill(prediction, (byte) 1);
      expected.add(prediction, val.sample(i).label(), 16, 20);
    }
    assertEquals(2, evaluation.iterations().size());
    assertEquals(expected.result().values(), evaluation.answer().values());
    assertEquals(expected.result().confusion(), evaluation.iterations().get(0).confusion());
    assertEquals(5, evaluation.images());
    assertEquals(Integer.valueOf(5), counted.get(counted.size() - 1));
    assertEquals("val", evaluation.fingerprint());
    assertEquals(3, evaluation.parts().size());
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void countsTheClassesOfASplit() {
    PartSpec dataset = PartSpec.of("noise");
    Evaluator.ClassFrequencies whole =
        evaluator.frequencies(dataset, "", "val", List.of(), Observer.NONE);
    assertEquals("val", whole.split());
    assertEquals(5, whole.images());
    long[] pixels = new long[256];
    Split val = noise.split("val");
    for (int i = 0; i < val.size(); i++) {
      for (byte label : val.sample(i).label()) {
        pixels[Byte.toUnsignedInt(label)]++;
      }
    }
    for (int c = 0; c < 3; c++) {
      assertEquals(pixels[c], whole.classes().get(c).pixels());
      double share = pixels[c] / (double) (pixels[0] + pixels[1] + pixels[2]);
      assertEquals(share, whole.classes().get(c).share(), 1e-12);
      assertEquals(1 / Math.log(1.02 + share), whole.weights().get("log").get(c), 1e-12);
    }
    assertEquals(pixels[255], whole.voidPixels());
    assertEquals(evaluator.weightings(), List.copyOf(whole.weights().keySet()));

    Evaluator.ClassFrequencies small =
        evaluator.frequencies(dataset, "", "", List.of(8, 10), Observer.NONE);
    assertEquals("train", small.split());
    assertEquals(
        (long) small.images() * 8 * 10,
        small.classes().stream().mapToLong(Evaluator.ClassFrequency::pixels).sum()
            + small.voidPixels());
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void endsAtAnInterrupt() {
    List<Integer> counted = new ArrayList<>();
    Observer observer =
        new Observer() {
          @Override
          public void image(int done, int total) {
            counted.add(done);
            Thread.currentThread().interrupt();
          }
        };
    Map<String, Object> large = new LinkedHashMap<>(OPTIONS);
    large.put("resize", "400x400"); // one image per batch
    assertThrows(CancellationException.class, () -> evaluate(large, observer));
    assertTrue("the status stays", Thread.interrupted());
    assertEquals(1, counted.size());
    assertEquals(List.of(), registry.leased());
    // After the last batch there is nothing left to cancel.
    evaluate(OPTIONS, observer);
    assertTrue(Thread.interrupted());
  }

  @Test
  public void theSameTwice() {
    Evaluation first = evaluate(OPTIONS, Observer.NONE);
    assertEquals(first.iterations(), evaluate(OPTIONS, Observer.NONE).iterations());
  }

  @Test
  public void putsGradModeBack() {
    JniUtils.setGradMode(true);
    evaluate(OPTIONS, Observer.NONE);
    assertTrue(JniUtils.isGradMode());
    JniUtils.setGradMode(false);
    evaluate(OPTIONS, Observer.NONE);
    assertFalse(JniUtils.isGradMode());
  }

  @Test
  public void resizesAndLimits() {
    answer(0);
    Evaluation evaluation =
        evaluate(
            Map.of("dataset", "noise", "resize", "8x10", "limit", 3, "split", "train"),
            Observer.NONE);
    long pixels =
        evaluation.answer().confusion().stream()
            .flatMap(List::stream)
            .mapToLong(Long::longValue)
            .sum();
    assertEquals(3, evaluation.images());
    assertTrue("void on top: " + pixels, pixels <= 3 * 80 && pixels > 3 * 60);
  }

  @Test
  public void namesTheIterationThatIsNotFinite() {
    networks.saved().get("classifier.bias").values()[0] = Float.NaN;
    String message =
        assertThrows(RigException.class, () -> evaluate(OPTIONS, Observer.NONE)).getMessage();
    assertTrue(message, message.contains("prediction 1"));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void plansFromTheLastTraining() {
    String message =
        assertThrows(RigException.class, () -> evaluator.plan("tiny", Map.of())).getMessage();
    assertTrue(message, message.contains("not been trained yet"));
    networks.trained("noise", "/somewhere", List.of(8, 10));
    EvalSpec spec = evaluator.plan("tiny", Map.of("limit", "2"));
    assertEquals("noise", spec.dataset().name());
    assertEquals("/somewhere", spec.data());
    assertEquals(List.of(8, 10), spec.resize());
    assertEquals(List.of(PartSpec.of("confusion")), spec.metrics());
    assertEquals(2, spec.limit());
    spec = evaluator.plan("tiny", Map.of("dataset", "other", "resize", "4x4"));
    assertEquals("data of one set are not another's", "", spec.data());
    assertEquals(List.of(4, 4), spec.resize());
  }

  @Test
  public void refusesWhatMakesNoSense() {
    for (Map<String, ?> options :
        List.of(
            Map.of("dataset", "noise", "limit", -1),
            Map.of("dataset", "noise", "resize", "7"),
            Map.of("dataset", "noise", "metrics", ""),
            Map.of("dataset", "noise", "color", "red"))) {
      String message =
          assertThrows(RigException.class, () -> evaluator.plan("tiny", options)).getMessage();
      assertEquals(message, 1, message.lines().count());
    }
    EvalSpec spec = evaluator.plan("tiny", Map.of("dataset", "noise", "metrics", "speed"));
    assertThrows(RigException.class, () -> evaluator.evaluate(spec, Observer.NONE));
    assertEquals(List.of(), registry.leased());
  }

  @Test
  public void outputsBeyondTheClassesAreAnErrorIgnoredOrWrong() {
    noise.classes = 2;
    answer(2);
    assertEquals(
        "network 'tiny' has 3 classes, data set noise has 2; assemble it with classes 2",
        assertThrows(RigException.class, () -> evaluate(OPTIONS, Observer.NONE)).getMessage());
    Map<String, Object> wrong = new LinkedHashMap<>(OPTIONS);
    wrong.put("extra_outputs", "wrong");
    assertEquals(0, evaluate(wrong, Observer.NONE).answer().values().get("mIoU"), 0);
    Map<String, Object> ignore = new LinkedHashMap<>(OPTIONS);
    ignore.put("extra_outputs", "ignore");
    float[] bias = networks.saved().get("classifier.bias").values();
    bias[1] = 0.5f;
    Evaluation ignored = evaluate(ignore, Observer.NONE);
    answer(1);
    assertEquals(evaluate(wrong, Observer.NONE).iterations(), ignored.iterations());
    assertTrue(ignored.answer().values().get("mIoU") > 0);
  }

  @Test
  public void pixelsAreThoseOfTheSplit() {
    Evaluator.Pixels all = evaluator.pixels(PartSpec.of("noise"), "", "", 0, Observer.NONE);
    assertEquals("train", all.split());
    assertEquals(8, all.images());
    assertEquals(8 * 16 * 20, all.pixels());
    Evaluator.Pixels some = evaluator.pixels(PartSpec.of("noise"), "", "val", 2, Observer.NONE);
    assertEquals(2, some.images());
    assertEquals(List.of(), registry.leased());
  }
}
