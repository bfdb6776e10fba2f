package org.riglab.training.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.riglab.networks.internal.TrainingReference.assertDigest;
import static org.riglab.networks.internal.TrainingReference.assertNumber;
import static org.riglab.networks.internal.TrainingReference.sines;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.evaluation.internal.EvaluationBatches;
import org.riglab.graph.internal.torchscript.CompilerService;
import org.riglab.losses.internal.CoarseToFine;
import org.riglab.losses.internal.CrossEntropyLoss;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.StepKernels;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.FakeRegistry;
import org.riglab.networks.internal.TrainingReference;
import org.riglab.nn.Functional;

public class ObjectiveTest {
  private static final List<Double> CLASS_WEIGHTS = List.of(0.5, 2.0, 1.0, 0.25, 3.0);
  private static final PartSpec CROSS_ENTROPY = PartSpec.of("cross-entropy");

  /** Two images with the reference's labels. */
  private record Labelled(int height, int width, int classes) implements Split {
    @Override
    public int size() {
      return 2;
    }

    @Override
    public String id(int index) {
      return "i" + index;
    }

    @Override
    public Sample sample(int index) {
      int pixels = height * width;
      byte[] labels = TrainingReference.labels(index * pixels, pixels, classes);
      return new Sample(id(index), height, width, new byte[3 * pixels], labels);
    }

    @Override
    public String fingerprint() {
      return "";
    }
  }

  /** Batches of one image are two passes of a step. */
  private interface Body {
    void run(Targets targets, NDManager manager);
  }

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final CompilerService compiler = new CompilerService();

  @After
  public void close() {
    compiler.close();
  }

  private static ClassTable classes(int count) {
    return new ClassTable(
        IntStream.range(0, count).mapToObj(c -> new ClassTable.Entry("c" + c, c)).toList());
  }

  private static LeasedLoss loss(PartSpec spec, LossShape shape) {
    FakeRegistry registry = new FakeRegistry();
    registry.put("cross-entropy", new CrossEntropyLoss());
    registry.put("coarse-to-fine", new CoarseToFine());
    return new LeasedLoss(new PartAccess(registry, registry, "test"), spec, shape);
  }

  private static LeasedLoss crossEntropy(int classes, List<Double> iterationWeights) {
    LossShape shape = new LossShape(classes(classes), 2, List.of(), iterationWeights);
    return loss(PartSpec.of("cross-entropy"), shape);
  }

  private static Objective eager(LeasedLoss loss) {
    return new Objective(loss, Optional.empty(), line -> {});
  }

  private PartSpec coarse() {
    try {
      Path table = folder.newFile().toPath();
      Files.writeString(
          table,
          "{\"superclasses\": {\"a\": [\"c0\", \"c4\"], \"b\": [\"c1\", \"c2\"], \"c\":"
              + " [\"c3\"]}}");
      return new PartSpec("coarse-to-fine", Map.of("table", table.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void withTargets(Labelled split, int batch, LeasedLoss loss, Body body) {
    List<Batch> batches = new ArrayList<>();
    try (EvaluationBatches source =
            new EvaluationBatches(split, 0, batch, List.of(), Normalization.IMAGENET, 1);
        NDManager manager = Torch.newManager(Device.cpu())) {
      while (source.hasNext()) {
        batches.add(source.next());
      }
      Torch.withGrad(
          true,
          () -> {
            try (StepKernels kernels = new StepKernels(Device.cpu())) {
              body.run(new Targets(batches, loss::weight, kernels, manager), manager);
            }
            return null;
          });
    } finally {
      batches.forEach(Batch::close);
    }
  }

  private static NDArray logits(NDManager manager, Shape shape, double phase) {
    NDArray logits = sines(manager, shape, 3, 0.7, phase);
    logits.setRequiresGradient(true);
    return logits;
  }

  private static float[] gradient(NDArray array) {
    NDArray gradient = JniUtils.getGradient((PtNDArray) array);
    return gradient == null ? new float[1] : gradient.toFloatArray();
  }

  private static double backward(NDArray loss) {
    JniUtils.backward((PtNDArray) loss, (PtNDArray) loss.onesLike(), false, false);
    return loss.getFloat();
  }

  private void check(
      String name, List<Double> iterations, List<Double> classWeights, PartSpec spec) {
    LossShape shape = new LossShape(classes(5), 3, classWeights, iterations);
    LeasedLoss loss = loss(spec, shape);
    check(name, loss, eager(loss));
    List<String> told = new ArrayList<>();
    check(name, loss, new Objective(loss, Optional.of(compiler), told::add));
    assertEquals(List.of(), told);
  }

  private static void check(String name, LeasedLoss loss, Objective objective) {
    Map<?, ?> expected = (Map<?, ?>) TrainingReference.section("losses").get(name);
    withTargets(
        new Labelled(6, 7, 5),
        2,
        loss,
        (targets, manager) -> {
          NDList logits = new NDList();
          for (int t = 0; t < 3; t++) {
            logits.add(logits(manager, new Shape(2, 5, 3, 4), t));
          }
          NDArray value =
              objective.loss(new MultiScaleInputs.Logits(List.of(logits), logits), targets, 0);
          assertNumber(name, expected.get("loss"), backward(value));
          for (int t = 0; t < 3; t++) {
            assertDigest(
                name + " t" + (t + 1),
                ((List<?>) expected.get("gradients")).get(t),
                gradient(logits.get(t)));
          }
        });
  }

  @Test
  public void productsEnlargeLogitsAsTheEngineDoes() {
    LeasedLoss loss = crossEntropy(5, List.of(1.0, 1.0));
    withTargets(
        new Labelled(30, 37, 5),
        2,
        loss,
        (targets, manager) -> {
          List<Double> values = new ArrayList<>();
          List<float[]> gradients = new ArrayList<>();
          for (Device device : List.of(Device.cpu(), Device.gpu())) { // of the kernels' choice only
            NDList arguments = new NDList();
            for (int t = 0; t < 2; t++) {
              arguments.add(logits(manager, new Shape(2, 5, 3 + t, 4 + t), t));
            }
            Targets.Sized full = targets.full(0);
            arguments.add(full.labels().get(0));
            arguments.add(full.divisor());
            values.add(backward(loss.loss(arguments, device).head()));
            for (int t = 0; t < 2; t++) {
              gradients.add(gradient(arguments.get(t)));
            }
          }
          assertEquals(values.get(1), values.get(0), 1e-6);
          assertArrayEquals(gradients.get(2), gradients.get(0), 1e-7f);
          assertArrayEquals(gradients.get(3), gradients.get(1), 1e-7f);
          assertTrue(gradients.get(0).length > 1 && gradients.get(0)[0] != 0);
        });
  }

  /** Logits that are so large that the compiled loss goes over them in strips. */
  @Test
  public void inStripsAsAtOnce() {
    inStrips(1);
  }

  /** Probabilities are too small for float32. */
  @Test
  public void inStripsAsAtOnceWithOtherLogitsFarBelow() {
    inStrips(100);
  }

  private void inStrips(double scale) {
    List<Double> weights = IntStream.range(0, 20).mapToObj(c -> c % 7 * 0.5).toList();
    LossShape shape = new LossShape(classes(20), 2, weights, List.of(0.3, 1.0));
    LeasedLoss loss = loss(CROSS_ENTROPY, shape);
    withTargets(
        new Labelled(181, 203, 20),
        2,
        loss,
        (targets, manager) -> {
          Targets.Sized full = targets.full(0);
          List<Double> values = new ArrayList<>();
          List<float[]> gradients = new ArrayList<>();
          for (boolean compiled : new boolean[] {false, true}) {
            NDArray small = logits(manager, new Shape(2, 20, 5, 7), 1);
            NDArray large = logits(manager, new Shape(2, 20, 46, 33), 2);
            NDList arguments =
                new NDList(
                    Functional.times(small, scale),
                    Functional.times(large, scale),
                    full.labels().get(0),
                    full.divisor());
            UnaryOperator<NDList> eager = all -> loss.loss(all, Device.cpu());
            UnaryOperator<NDList> used =
                compiled ? compiler.compile(eager, arguments, false) : eager;
            // the gradient is that of what follows, too
            values.add(backward(Functional.times(used.apply(arguments).head(), 3)));
            gradients.add(gradient(small));
            gradients.add(gradient(large));
          }
          assertEquals(values.get(0), values.get(1), 1e-6 * values.get(0));
          for (int t = 0; t < 2; t++) {
            float most = 0;
            for (float value : gradients.get(t)) {
              most = Math.max(most, Math.abs(value));
            }
            assertTrue(most > 0);
            // logits of some hundreds have an error of 1e-5, and so have their exponentials
            float error = scale > 1 ? 1e-4f : 1e-6f;
            assertArrayEquals(gradients.get(t), gradients.get(2 + t), error * most);
          }
        });
  }

  @Test
  public void theLastIterationAlone() {
    check("last", List.of(), List.of(), CROSS_ENTROPY);
  }

  @Test
  public void aWeightPerIteration() {
    check("weighted", List.of(0.3, 0.5, 1.0), List.of(), CROSS_ENTROPY);
  }

  @Test
  public void classWeightsAndAnIterationThatDoesNotCount() {
    check("classes", List.of(0.3, 0.0, 1.0), CLASS_WEIGHTS, CROSS_ENTROPY);
  }

  @Test
  public void coarseToFine() {
    check("coarse", List.of(), List.of(), coarse());
  }

  @Test
  public void coarseToFineWithAllWeights() {
    check("everything", List.of(0.3, 0.5, 1.0), CLASS_WEIGHTS, coarse());
  }

  private static MultiScaleInputs.Logits scales(NDManager manager, List<NDList> logits) {
    Iterator<NDList> each = logits.iterator();
    return new MultiScaleInputs(List.of(1.0, 0.75, 0.5))
        .forward(manager.zeros(new Shape(1, 3, 4, 4)), x -> each.next());
  }

  @Test
  public void everyScaleAndTheirMaximumAsDeepLabV2() {
    Map<String, Object> expected = TrainingReference.section("multi_scale");
    LeasedLoss entropy = crossEntropy(4, List.of(0.4, 1.0));
    Objective objective = eager(entropy);
    int[][] sizes = {{6, 7}, {4, 5}, {3, 3}};
    withTargets(
        new Labelled(17, 18, 4),
        2,
        entropy,
        (targets, manager) -> {
          List<NDList> logits = new ArrayList<>();
          for (int k = 0; k < 3; k++) {
            Shape shape = new Shape(2, 4, sizes[k][0], sizes[k][1]);
            logits.add(
                new NDList(logits(manager, shape, 2 * k), logits(manager, shape, 2 * k + 1)));
          }
          NDArray loss = objective.loss(scales(manager, logits), targets, 0);
          assertNumber("loss", expected.get("loss"), backward(loss));
          for (int k = 0; k < 3; k++) {
            for (int t = 0; t < 2; t++) {
              assertDigest(
                  "scale " + k + " t" + (t + 1),
                  ((List<?>) ((List<?>) expected.get("gradients")).get(k)).get(t),
                  gradient(logits.get(k).get(t)));
            }
          }
        });
  }

  /** Images with different shares of void weigh by their pixels, not by their pass. */
  @Test
  public void twoPassesOfOneImageAreOnePassOfTwo() {
    Map<String, Object> expected = TrainingReference.section("multi_scale");
    LeasedLoss entropy = crossEntropy(4, List.of(0.4, 1.0));
    Objective objective = eager(entropy);
    int[][] sizes = {{6, 7}, {4, 5}, {3, 3}};
    withTargets(
        new Labelled(17, 18, 4),
        1,
        entropy,
        (targets, manager) -> {
          double sum = 0;
          for (int image = 0; image < 2; image++) {
            List<NDList> logits = new ArrayList<>();
            for (int k = 0; k < 3; k++) {
              Shape both = new Shape(2, 4, sizes[k][0], sizes[k][1]);
              String own = image + ":" + (image + 1);
              logits.add(
                  new NDList(
                      sines(manager, both, 3, 0.7, 2 * k).get(own),
                      sines(manager, both, 3, 0.7, 2 * k + 1).get(own)));
            }
            sum += objective.loss(scales(manager, logits), targets, image).getFloat();
          }
          assertNumber("loss", expected.get("loss"), sum);
        });
  }

  @Test
  public void coarseToFineWantsTwoPredictions() {
    PartSpec coarse = coarse();
    LossShape one = new LossShape(classes(5), 1, List.of(), List.of());
    assertEquals(
        "loss coarse-to-fine goes over two predictions or more; the network makes 1 prediction",
        assertThrows(RigException.class, () -> loss(coarse, one)).getMessage());
  }

  private static String refused(Criterion made) {
    FakeRegistry registry = new FakeRegistry();
    registry.put("mine", (Loss) (shape, options) -> made);
    LossShape shape = new LossShape(classes(5), 3, List.of(), List.of());
    PartAccess access = new PartAccess(registry, registry, "test");
    RigException refused =
        assertThrows(
            RigException.class,
            () -> {
              LeasedLoss loss = new LeasedLoss(access, PartSpec.of("mine"), shape);
              check("last", loss, eager(loss));
            });
    assertEquals(RigException.Kind.PART_FAILED, refused.kind());
    return refused.getMessage();
  }

  @Test
  public void whatALossDoesWrongNamesIt() {
    String mine = "loss mine (bundle.mine 1.0.0) ";
    assertEquals(mine + "created nothing", refused(null));
    assertEquals(
        mine + "failed: IllegalStateException: oops",
        refused(
            (logits, label, total) -> {
              throw new IllegalStateException("oops");
            }));
    assertEquals(
        mine + "returned null as its loss; it must be a scalar",
        refused((logits, label, total) -> null));
    assertEquals(
        mine + "returned a loss of shape (2, 6, 7) in float32; it must be a scalar in float32",
        refused((logits, label, total) -> logits.get(0).sum(new int[] {1})));
    assertEquals(
        mine + "returned a loss of shape () in int64; it must be a scalar in float32",
        refused((logits, label, total) -> label.sum()));
  }

  /** What reads values runs eagerly, and says so once. */
  @Test
  public void aLossThatCannotBeTracedRunsEagerly() {
    FakeRegistry registry = new FakeRegistry();
    CrossEntropyLoss entropy = new CrossEntropyLoss();
    registry.put(
        "mine",
        (Loss)
            (shape, options) -> {
              Criterion made = entropy.create(shape, options);
              return new Criterion() {
                @Override
                public NDArray weight(NDArray label) {
                  return made.weight(label);
                }

                @Override
                public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
                  total.getFloat();
                  return made.loss(logits, label, total);
                }
              };
            });
    LossShape shape = new LossShape(classes(5), 3, List.of(), List.of());
    PartAccess access = new PartAccess(registry, registry, "test");
    LeasedLoss loss = new LeasedLoss(access, PartSpec.of("mine"), shape);
    List<String> told = new ArrayList<>();
    Objective objective = new Objective(loss, Optional.of(compiler), told::add);
    check("last", loss, objective);
    check("last", loss, objective);
    assertEquals(1, told.size());
    assertTrue(told.get(0), told.get(0).startsWith("loss not compiled, runs eagerly: "));
    assertTrue(told.get(0), told.get(0).contains("it calls getFloat"));
  }
}
