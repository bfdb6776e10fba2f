package org.riglab.training.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;
import org.riglab.evaluation.internal.EvaluationBatches;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.data.Batch;
import org.riglab.networks.data.Normalization;
import org.riglab.networks.engine.Kernels;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.internal.TrainingReference;
import org.riglab.nn.CrossEntropy;

public class ObjectiveTest {
  private static final List<Double> CLASS_WEIGHTS = List.of(0.5, 2.0, 1.0, 0.25, 3.0);
  private static final List<Integer> SUPERCLASSES = List.of(0, 1, 1, 2, 0);

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

  private static void withTargets(Labelled split, int batch, CrossEntropy entropy, Body body) {
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
            body.run(new Targets(batches, entropy, manager), manager);
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

  private static void check(
      String name, List<Double> iterations, List<Double> classes, List<Integer> superclasses) {
    check(name, iterations, classes, superclasses, Optional.empty());
    try (Kernels kernels = new Kernels(Device.cpu())) {
      check(name, iterations, classes, superclasses, Optional.of(kernels));
    }
  }

  private static void check(
      String name,
      List<Double> iterations,
      List<Double> classes,
      List<Integer> superclasses,
      Optional<Kernels> kernels) {
    Map<?, ?> expected = (Map<?, ?>) TrainingReference.section("losses").get(name);
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, classes, superclasses);
    Objective objective = new Objective(entropy, iterations, kernels);
    withTargets(
        new Labelled(6, 7, 5),
        2,
        entropy,
        (targets, manager) -> {
          NDList logits = new NDList();
          for (int t = 0; t < 3; t++) {
            logits.add(logits(manager, new Shape(2, 5, 3, 4), t));
          }
          NDArray loss =
              objective.loss(new MultiScaleInputs.Logits(List.of(logits), logits), targets, 0);
          assertNumber(name, expected.get("loss"), backward(loss));
          for (int t = 0; t < 3; t++) {
            assertDigest(
                name + " t" + (t + 1),
                ((List<?>) expected.get("gradients")).get(t),
                gradient(logits.get(t)));
          }
        });
  }

  @Test
  public void theLastIterationAlone() {
    check("last", List.of(), List.of(), List.of());
  }

  @Test
  public void aWeightPerIteration() {
    check("weighted", List.of(0.3, 0.5, 1.0), List.of(), List.of());
  }

  @Test
  public void classWeightsAndAnIterationThatDoesNotCount() {
    check("classes", List.of(0.3, 0.0, 1.0), CLASS_WEIGHTS, List.of());
  }

  @Test
  public void coarseToFine() {
    check("coarse", List.of(), List.of(), SUPERCLASSES);
  }

  @Test
  public void coarseToFineWithAllWeights() {
    check("everything", List.of(0.3, 0.5, 1.0), CLASS_WEIGHTS, SUPERCLASSES);
  }

  private static MultiScaleInputs.Logits scales(NDManager manager, List<NDList> logits) {
    Iterator<NDList> each = logits.iterator();
    return new MultiScaleInputs(List.of(1.0, 0.75, 0.5))
        .forward(manager.zeros(new Shape(1, 3, 4, 4)), x -> each.next());
  }

  @Test
  public void everyScaleAndTheirMaximumAsDeepLabV2() {
    Map<String, Object> expected = TrainingReference.section("multi_scale");
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, List.of());
    Objective objective = new Objective(entropy, List.of(0.4, 1.0));
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
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, List.of());
    Objective objective = new Objective(entropy, List.of(0.4, 1.0));
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
  public void saysHowManyPredictionsThereAre() {
    Objective three =
        new Objective(new CrossEntropy(Dataset.VOID, List.of()), List.of(0.3, 0.5, 1.0));
    three.requirePredictions(3);
    assertEquals(
        "training: option 'iteration_weights' has 3 numbers; the network makes 2 predictions",
        assertThrows(RigException.class, () -> three.requirePredictions(2)).getMessage());
    assertEquals(
        "training: option 'iteration_weights' has 3 numbers; the network makes 1 prediction",
        assertThrows(RigException.class, () -> three.requirePredictions(1)).getMessage());
    Objective one = new Objective(new CrossEntropy(Dataset.VOID, List.of()), List.of(2.0));
    one.requirePredictions(1);
    assertEquals(
        "training: option 'iteration_weights' has 1 number; the network makes 4 predictions",
        assertThrows(RigException.class, () -> one.requirePredictions(4)).getMessage());
    Objective coarse =
        new Objective(new CrossEntropy(Dataset.VOID, List.of(), List.of(0, 1)), List.of());
    coarse.requirePredictions(2);
    assertEquals(
        "training: option 'coarse' goes from coarse to fine over two predictions or more; the"
            + " network makes 1 prediction",
        assertThrows(RigException.class, () -> coarse.requirePredictions(1)).getMessage());
  }
}
