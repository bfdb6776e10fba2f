package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;

/** Makes losses and batches for the checks of losses, and computes with them. */
final class LossTrial {
  static final int CLASSES = 5;
  static final int PREDICTIONS = 3;
  static final Shape SHAPE = new Shape(2, CLASSES, 9, 13);
  static final Shape OTHER = new Shape(1, CLASSES, 7, 5);
  private static final ClassTable TABLE =
      new ClassTable(
          IntStream.range(0, CLASSES)
              .mapToObj(c -> new ClassTable.Entry("class " + c, c * 1000))
              .toList());

  /** Sums over pixels in another order differ by more than the last bit. */
  private static final double CLOSE = 1e-5;

  private LossTrial() {}

  static LossShape shape(
      int predictions, List<Double> classWeights, List<Double> iterationWeights) {
    return new LossShape(TABLE, predictions, classWeights, iterationWeights);
  }

  static Criterion create(Subject<Loss> subject, LossShape shape) {
    Criterion made =
        Broken.unless("create", () -> subject.provider().create(shape, subject.options()));
    Broken.unless(made != null, "create returns null; expected the loss of a training");
    return made;
  }

  /** For a training without weights. */
  static Criterion create(Subject<Loss> subject) {
    return create(subject, shape(PREDICTIONS, List.of(), List.of()));
  }

  /** Logits of each prediction, and labels. */
  record Batch(List<NDArray> logits, NDArray label) {
    static Batch of(NDManager manager, DataType type, Shape shape, int predictions, long seed) {
      return of(manager, type, shape, predictions, seed, 0.2);
    }

    static Batch of(
        NDManager manager, DataType type, Shape shape, int predictions, long seed, double empty) {
      List<NDArray> logits = new ArrayList<>();
      for (int t = 0; t < predictions; t++) {
        logits.add(Numbers.normal(manager, type, seed + t, shape.getShape()));
      }
      Random random = new Random(Numbers.seed(seed));
      Shape pixels = new Shape(shape.get(0), shape.get(2), shape.get(3));
      long[] labels = new long[(int) pixels.size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = random.nextDouble() < empty ? Dataset.VOID : random.nextInt(CLASSES);
      }
      return new Batch(logits, manager.create(labels, pixels));
    }

    Batch learning() {
      logits.forEach(array -> array.setRequiresGradient(true));
      return this;
    }

    Map<String, NDArray> named() {
      Map<String, NDArray> named = new LinkedHashMap<>();
      for (int t = 0; t < logits.size(); t++) {
        named.put("the logits of prediction " + (t + 1), logits.get(t));
      }
      return named;
    }
  }

  /** Frees what was made once it was used. */
  static <T> T lend(Subject<Loss> subject, Function<NDManager, T> use) {
    try (NDManager manager = subject.tools().assembler().arrays(Device.cpu())) {
      return use.apply(manager);
    }
  }

  /** What a training divides by: the weight, or 1 where nothing counts. */
  static NDArray total(Criterion made, Batch batch) {
    NDArray weight = Broken.unless("weight", () -> made.weight(batch.label));
    Broken.unless(
        weight != null && weight.getShape().dimension() == 0,
        "weight returns %s; expected a scalar",
        weight == null ? "null" : weight.getShape());
    double value = Numbers.values(weight)[0];
    Broken.unless(
        Double.isFinite(value) && value >= 0,
        "weight returns %s; expected a finite number of 0 or more",
        value);
    return value == 0 ? weight.onesLike() : weight;
  }

  static NDArray loss(Criterion made, Batch batch, NDArray total) {
    NDArray loss = Broken.unless("loss", () -> made.loss(batch.logits, batch.label, total));
    Broken.unless(
        loss != null && loss.getShape().dimension() == 0,
        "loss returns %s; expected a scalar",
        loss == null ? "null" : "shape " + loss.getShape());
    return loss;
  }

  /** The loss of a pass that is a whole step. */
  static double value(Criterion made, Batch batch) {
    return Trial.without(() -> Numbers.values(loss(made, batch, total(made, batch)))[0]);
  }

  /** Goes back from the loss; zeros where no gradient arrives. */
  static List<double[]> gradients(Batch batch, UnaryOperator<NDArray> loss, NDArray total) {
    Trial.with(
        () -> {
          NDArray value = loss.apply(total);
          Broken.unless(
              "the way back from the loss",
              () -> {
                Trial.backward(value);
                return null;
              });
          return null;
        });
    List<double[]> gradients = new ArrayList<>();
    for (NDArray array : batch.logits) {
      double[] gradient = Trial.gradient(array);
      gradients.add(gradient == null ? new double[(int) array.size()] : gradient);
    }
    return gradients;
  }

  static List<double[]> gradients(Criterion made, Batch batch) {
    NDArray total = Trial.without(() -> total(made, batch));
    return gradients(batch, t -> loss(made, batch, t), total);
  }

  /** Whether they differ by rounding alone. */
  static boolean close(double a, double b) {
    return Math.abs(a - b) <= CLOSE * Math.max(1e-3, Math.abs(a));
  }
}
