package org.riglab.losses.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.base.Json;
import org.riglab.parts.AnnotationOptions;

/** Values and gradients are those of PyTorch; {@code losses.json} states the functions. */
public class LossesTest {
  private static final int CLASSES = 4;
  private static final int PIXELS = 2 * 5 * 6;
  private static final List<Double> WEIGHTS = List.of(0.5, 2.0, 1.0, 3.0);
  private static final Map<String, Loss> LOSSES =
      Map.of(
          "cross-entropy", new CrossEntropyLoss(),
          "dice", new DiceLoss(),
          "focal", new FocalLoss(),
          "lovasz-softmax", new LovaszLoss(),
          "ohem", new OhemLoss());

  private static Map<String, Object> cases() {
    try (InputStream in = LossesTest.class.getResourceAsStream("losses.json")) {
      Map<String, Object> cases =
          new LinkedHashMap<>(
              Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "losses.json"));
      cases.remove("source");
      return cases;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The loss as a case names it: {@code NAME:OPTION=VALUE weighted}. */
  private static Criterion created(String name, List<Double> iterationWeights) {
    String[] words = name.split(" ");
    String[] parts = words[0].split(":");
    Map<String, Object> given = new LinkedHashMap<>();
    Arrays.stream(parts)
        .skip(1)
        .map(option -> option.split("="))
        .forEach(option -> given.put(option[0], option[1]));
    Loss loss = LOSSES.get(parts[0]);
    Options options = AnnotationOptions.check("loss " + parts[0], loss.options(), given);
    ClassTable table =
        new ClassTable(
            IntStream.range(0, CLASSES).mapToObj(c -> new ClassTable.Entry("c" + c, c)).toList());
    return loss.create(
        new LossShape(table, 2, words.length > 1 ? WEIGHTS : List.of(), iterationWeights), options);
  }

  private static NDArray logits(NDManager manager) {
    float[] values = new float[PIXELS * CLASSES];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) (3 * Math.sin(0.7 * i + 1)));
    NDArray logits = manager.create(values, new Shape(2, CLASSES, 5, 6));
    logits.setRequiresGradient(true);
    return logits;
  }

  private static NDArray labels(NDManager manager) {
    return labels(manager, IntStream.range(0, PIXELS).mapToLong(LossesTest::label).toArray());
  }

  private static NDArray labels(NDManager manager, long... values) {
    return manager.create(values, new Shape(2, 5, 6));
  }

  private static long label(int i) {
    return i % 7 == 3 ? 255 : (i * i + i / 5) % 3;
  }

  /** The loss, and behind it its gradient. */
  private static double[] computed(Criterion loss, NDArray logits, NDArray label) {
    NDArray weight = loss.weight(label);
    NDArray total = weight.getFloat() == 0 ? weight.onesLike() : weight;
    JniUtils.setGradMode(true);
    try {
      NDArray value = loss.loss(List.of(logits, logits), label, total);
      JniUtils.backward((PtNDArray) value, (PtNDArray) value.onesLike(), false, false);
      float[] gradient = logits.getGradient().toFloatArray();
      double[] all = new double[gradient.length + 1];
      all[0] = value.getFloat();
      IntStream.range(0, gradient.length).forEach(i -> all[i + 1] = gradient[i]);
      return all;
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  @Test
  public void valuesAndGradientsArePyTorchs() {
    List<String> wrong = new ArrayList<>();
    cases()
        .forEach(
            (name, given) -> {
              Map<?, ?> expected = (Map<?, ?>) given;
              List<?> gradient = (List<?>) expected.get("gradient");
              double scale =
                  gradient.stream()
                      .mapToDouble(g -> Math.abs(((Number) g).doubleValue()))
                      .max()
                      .orElseThrow();
              try (NDManager manager = NDManager.newBaseManager()) {
                double[] got = computed(created(name, List.of()), logits(manager), labels(manager));
                double loss = ((Number) expected.get("loss")).doubleValue();
                double error = Math.abs(got[0] - loss) / loss;
                for (int i = 0; i < gradient.size(); i++) {
                  double want = ((Number) gradient.get(i)).doubleValue();
                  error = Math.max(error, Math.abs(got[i + 1] - want) / scale);
                }
                if (!(error < 1e-5) || scale == 0) {
                  wrong.add("%s: %.1e, loss %s".formatted(name, error, got[0]));
                }
              }
            });
    assertEquals(List.of(), wrong);
    assertEquals(16, cases().size());
  }

  /** A batch of void alone has loss 0 and gradient 0, and so has a single labelled pixel's rest. */
  @Test
  public void voidAloneIsNothing() {
    cases()
        .keySet()
        .forEach(
            name -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                long[] labels = new long[PIXELS];
                Arrays.fill(labels, 255);
                NDArray logits = logits(manager);
                double[] got = computed(created(name, List.of()), logits, labels(manager, labels));
                assertTrue(name, Arrays.stream(got).allMatch(v -> v == 0));
                labels[17] = 2;
                got = computed(created(name, List.of()), logits(manager), labels(manager, labels));
                assertTrue(name, Arrays.stream(got).allMatch(Double::isFinite));
                int elsewhere = 0;
                for (int i = 1; i < got.length; i++) {
                  elsewhere += (i - 1) % 30 != 17 && got[i] != 0 ? 1 : 0;
                }
                assertEquals(name, 0, elsewhere);
              }
            });
  }

  /** Logits of 80 and more make probabilities that are 0 and 1 in float32. */
  @Test
  public void certainPredictionsStayFinite() {
    cases()
        .keySet()
        .forEach(
            name -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                NDArray logits = logits(manager).mul(100).stopGradient();
                logits.setRequiresGradient(true);
                double[] got = computed(created(name, List.of()), logits, labels(manager));
                assertTrue(name, Arrays.stream(got).allMatch(Double::isFinite));
              }
            });
  }

  @Test
  public void predictionsCountAsTheirWeightsSay() {
    for (String name : LOSSES.keySet()) {
      try (NDManager manager = NDManager.newBaseManager()) {
        double last = computed(created(name, List.of()), logits(manager), labels(manager))[0];
        double both =
            computed(created(name, List.of(0.5, 1.0)), logits(manager), labels(manager))[0];
        assertEquals(name, 1.5 * last, both, 1e-5 * both);
      }
    }
  }

  private static String refused(String name) {
    return assertThrows(RigException.class, () -> created(name, List.of())).getMessage();
  }

  @Test
  public void optionsOutOfRangeAreNamed() {
    assertEquals(
        "loss cross-entropy: option 'label_smoothing' is 1.0; it must be 0 or more and less than 1",
        refused("cross-entropy:label_smoothing=1"));
    assertEquals(
        "loss dice: option 'smooth' is -1.0; it must be 0 or more", refused("dice:smooth=-1"));
    assertEquals(
        "loss focal: option 'gamma' is -0.5; it must be 0 or more", refused("focal:gamma=-0.5"));
    assertEquals(
        "loss focal: option 'alpha' is 1.5; it must be 0 to 1, or -1 for none",
        refused("focal:sigmoid=true:alpha=1.5"));
    assertEquals(
        "loss focal: option 'alpha' is for sigmoid=true; with a softmax use class_weights",
        refused("focal:alpha=0.25"));
    assertEquals(
        "loss ohem: option 'threshold' is 0.0; it must be more than 0, at most 1",
        refused("ohem:threshold=0"));
    assertEquals("loss ohem: option 'kept' is 2.0; it must be 0 to 1", refused("ohem:kept=2"));
  }
}
