package org.riglab.evaluation.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Before;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.EvalSpec;
import org.riglab.api.bench.Evaluation;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.Observer;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;
import org.riglab.base.Json;
import org.riglab.metrics.internal.ChangeRateMetric;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.Session;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.data.Resampling;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.AnytimePasses;
import org.riglab.networks.inference.Segmenter;
import org.riglab.networks.internal.FakeNetworks;
import org.riglab.networks.internal.NoiseRegistry;
import org.riglab.parts.RecordOptions;

public class EvaluationModesTest {
  private static final int HEIGHT = 16;
  private static final int WIDTH = 20;

  private final FakeNetworks networks = new FakeNetworks();
  private final NoiseRegistry.Noise noise = new NoiseRegistry.Noise(HEIGHT, WIDTH);
  private final NoiseRegistry registry = new NoiseRegistry(noise);
  private final EvaluatorService evaluator = new EvaluatorService(registry, networks);
  private final Recorder labels = new Recorder(Metric.Against.LABEL);
  private final Recorder before = new Recorder(Metric.Against.PREVIOUS_ITERATION);

  /** A stranger's metric that keeps what it is given, one list per accumulator. */
  private static final class Recorder implements Metric {
    private final Against against;
    private final List<List<Pair>> given = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Pair(byte[] prediction, byte[] other, int height, int width) {}

    Recorder(Against against) {
      this.against = against;
    }

    @Override
    public Against against() {
      return against;
    }

    @Override
    public Accumulator accumulator(int classes, Options options) {
      List<Pair> pairs = new ArrayList<>();
      given.add(pairs);
      return new Accumulator() {
        @Override
        public void add(byte[] prediction, byte[] label, int height, int width) {
          pairs.add(new Pair(prediction.clone(), label.clone(), height, width));
        }

        @Override
        public void merge(Accumulator other) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Scores result() {
          return new Scores(Map.of("given", (double) pairs.size()), Map.of(), List.of());
        }
      };
    }

    /** The pairs of an iteration, 1 or 2; the first accumulator only tries the options. */
    List<Pair> of(int iteration) {
      return given.get(iteration);
    }
  }

  @Before
  public void setUp() {
    Torch.engine();
    registry.put("labels", labels);
    registry.put("before", before);
    registry.put("change-rate", new ChangeRateMetric());
    // the second prediction is twice the first: as probabilities, not as labels, another
    float[] bias = networks.saved().get("classifier.bias").values();
    bias[1] = 0.05f;
  }

  private Evaluation evaluate(Object... options) {
    Map<String, Object> map = new HashMap<>(Map.of("dataset", "noise", "threads", 1));
    for (int i = 0; i < options.length; i += 2) {
      map.put((String) options[i], options[i + 1]);
    }
    return evaluator.evaluate(evaluator.plan("tiny", map), Observer.NONE);
  }

  @Test
  public void scoresTheOriginalLabelOnRequest() {
    evaluate("resize", "8x10", "scoring", "original", "metrics", "labels");
    assertEquals(Set.of(new Shape(5, 3, 8, 10)), Set.copyOf(networks.seen()));
    Split val = noise.split("val");
    assertEquals(5, labels.of(2).size());
    try (Session session = networks.open("tiny", "test", Device.cpu());
        NDManager manager = Torch.newManager(Device.cpu())) {
      for (int i = 0; i < 5; i++) {
        Sample sample = val.sample(i);
        byte[] small = Resampling.image(sample.image(), HEIGHT, WIDTH, 8, 10);
        float[] planes = new float[3 * 80];
        session.trainedOn().normalization().write(small, FloatBuffer.wrap(planes), 0);
        NDList expected =
            Torch.withoutGrad(
                () ->
                    new Segmenter(Inference.PLAIN)
                        .labels(
                            new SessionModel(
                                session,
                                MultiScaleInputs.SINGLE,
                                new AnytimePasses(Inference.PLAIN, MultiScaleInputs.SINGLE, false),
                                0),
                            manager.create(planes, new Shape(1, 3, 8, 10)),
                            HEIGHT,
                            WIDTH));
        for (int t = 1; t <= 2; t++) {
          Recorder.Pair pair = labels.of(t).get(i);
          assertArrayEquals(sample.label(), pair.other());
          assertArrayEquals(expected.get(t - 1).toByteArray(), pair.prediction());
          assertEquals(List.of(HEIGHT, WIDTH), List.of(pair.height(), pair.width()));
        }
      }
    }
  }

  @Test
  public void warpsTheLabelOtherwise() {
    evaluate("resize", "8x10", "metrics", "labels");
    byte[] label = Resampling.label(noise.split("val").sample(3).label(), HEIGHT, WIDTH, 8, 10);
    assertArrayEquals(label, labels.of(1).get(3).other());
  }

  @Test
  public void givesMetricsThePreviousIterationOnRequest() {
    float[] weights = networks.saved().get("classifier.weight").values();
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= 8;
    }
    networks.saved().get("classifier.bias").values()[0] = -1.5f; // all classes are predicted
    Evaluation evaluation =
        evaluate("metrics", "before,labels,change-rate,confusion", "scales", "0.5,1,2");
    assertEquals(0, before.of(1).size());
    assertEquals(5, before.of(2).size());
    long changed = 0;
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(labels.of(1).get(i).prediction(), before.of(2).get(i).other());
      assertArrayEquals(labels.of(2).get(i).prediction(), before.of(2).get(i).prediction());
      for (int k = 0; k < HEIGHT * WIDTH; k++) {
        changed +=
            labels.of(1).get(i).prediction()[k] == labels.of(2).get(i).prediction()[k] ? 0 : 1;
      }
    }
    assertTrue("the mean makes the two differ: " + changed, changed > 0);
    Map<String, Double> answer = evaluation.answer().values();
    assertEquals(changed / (5.0 * HEIGHT * WIDTH), answer.get("changeRate"), 1e-12);
    assertTrue(evaluation.iterations().get(0).values().get("changeRate").isNaN());
    assertTrue(answer.containsKey("mIoU"));
  }

  @Test
  public void namesValuesThatTwoMetricsShareAfterTheMetric() {
    Scores answer = evaluate("metrics", "labels,before").answer();
    assertEquals(Set.of("given", "before given"), answer.values().keySet());
    assertEquals(5, answer.values().get("before given"), 0);
  }

  @Test
  public void runsEveryScaleMirroredAndInWindows() {
    Scores plain = evaluate().answer();
    networks.seen().clear();
    Scores several =
        evaluate("scales", "0.5,1", "flip", "true", "window", "8x20", "overlap", "0").answer();
    // one window of the half image, two of the whole one, each twice; batches as large as usual
    assertEquals(
        List.of(
            new Shape(5, 3, 8, 10),
            new Shape(5, 3, 8, 10),
            new Shape(5, 3, 8, 20),
            new Shape(5, 3, 8, 20),
            new Shape(5, 3, 8, 20),
            new Shape(5, 3, 8, 20)),
        networks.seen());
    assertNotEquals(plain.confusion(), several.confusion());
    assertEquals(plain, evaluate("window", "16x20").answer());
    assertEquals(plain, evaluate("scales", "1", "window", "513x513", "overlap", 0.5).answer());
  }

  @Test
  public void seesTheInputScalesOfTheTraining() {
    networks.trained("noise", "", List.of(), new MultiScaleInputs(List.of(1.0, 0.5)));
    assertEquals(List.of(1.0, 0.5), evaluator.plan("tiny", Map.of()).inputScales());
    evaluate();
    assertEquals(
        Set.of(new Shape(5, 3, 16, 20), new Shape(5, 3, 8, 10)), Set.copyOf(networks.seen()));
    networks.seen().clear();
    evaluate("input_scales", "1,0.75");
    assertEquals(
        Set.of(new Shape(5, 3, 16, 20), new Shape(5, 3, 12, 15)), Set.copyOf(networks.seen()));
    networks.seen().clear();
    evaluate("input_scales", "1");
    assertEquals(Set.of(new Shape(5, 3, 16, 20)), Set.copyOf(networks.seen()));
  }

  @Test
  public void countsOnAnotherDeviceWhatItCountsHere() {
    List<PartSpec> metrics = List.of(PartSpec.of("labels"), PartSpec.of("before"));
    try (LeasedMetrics leased = LeasedMetrics.lease(registry, metrics, 3, "test");
        EvaluationBatches batches =
            new EvaluationBatches(noise.split("val"), 0, 5, List.of(), Normalization.IMAGENET, 1);
        Batch batch = batches.next();
        NDManager manager = Torch.newManager(Device.cpu())) {
      NDList maps = new NDList();
      for (int t = 0; t < 2; t++) {
        byte[] bytes = new byte[5 * HEIGHT * WIDTH];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ((i + t) % 3);
        }
        maps.add(
            manager.create(ByteBuffer.wrap(bytes), new Shape(5, HEIGHT, WIDTH), DataType.UINT8));
      }
      Scored.addOnDevice(
          maps, batch, manager, List.of(leased.scores(), leased.scores()), List.of());
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(batch.label(i), labels.of(2).get(i).other());
        assertEquals((i * HEIGHT * WIDTH + 1) % 3, labels.of(2).get(i).prediction()[0]);
        assertArrayEquals(labels.of(1).get(i).prediction(), before.of(2).get(i).other());
      }
      assertEquals(0, before.of(1).size());
    }
  }

  @Test
  public void readsSpecsOfBeforeThereWereModes() {
    Map<String, Object> old =
        Json.parse(
            """
            {"dataset": "noise", "data": "", "split": "val", "limit": 2, "resize": [8, 10],
             "metrics": ["confusion"], "threads": 1, "device": "cpu"}
            """,
            "old");
    EvalSpec spec = evaluator.plan("tiny", old);
    assertEquals(Inference.PLAIN, withoutInputs(spec.inference()));
    assertEquals(EvalSpec.Scoring.WARPED, spec.scoring());
    assertEquals(List.of(PartSpec.of("confusion")), spec.metrics());
    Map<String, Object> written = new HashMap<>(RecordOptions.values(spec));
    Set<String> names = new TreeSet<>(written.keySet());
    assertTrue(names.toString(), names.containsAll(List.of("scoring", "scales", "window")));
    written.remove("network");
    assertEquals(spec, evaluator.plan("tiny", written));
  }

  private static Inference withoutInputs(Inference inference) {
    return new Inference(
        inference.scales(), inference.flip(), inference.window(), inference.overlap(), List.of());
  }

  @Test
  public void refusesWhatMakesNoSense() {
    assertWrong("option 'scales' is [0.0]", "scales", "0");
    assertWrong("option 'window' is [7]", "window", "7");
    assertWrong("option 'overlap' is 1.0", "overlap", "1");
    assertWrong("input scales are [0.5]", "input_scales", "0.5");
    assertWrong("it must be one metric or more, each once", "metrics", "labels,labels");
    assertWrong("original, warped", "scoring", "best");
    assertWrong("no Metric 'speed'", "metrics", "confusion,speed");
    assertEquals(List.of(), registry.leased());
  }

  private void assertWrong(String part, String option, String value) {
    String message = assertThrows(RigException.class, () -> evaluate(option, value)).getMessage();
    assertTrue(message, message.contains(part));
    assertEquals(message, 1, message.lines().count());
  }
}
