package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.testkit.internal.Check.Outcome;
import org.riglab.testkit.internal.LossTrial.Batch;

/** How much each pixel, class, iteration and pass counts in a loss. */
final class LossWeights {
  private LossWeights() {}

  static Outcome voids(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 7)
                  .learning();
          double before = LossTrial.value(made, batch);
          int plane = (int) (LossTrial.SHAPE.get(2) * LossTrial.SHAPE.get(3));
          long[] labels = batch.label().toLongArray();
          for (double[] gradient : LossTrial.gradients(made, batch)) {
            for (int i = 0; i < gradient.length; i++) {
              int image = i / (LossTrial.CLASSES * plane);
              Broken.unless(
                  labels[image * plane + i % plane] != Dataset.VOID || gradient[i] == 0,
                  "the gradient of a pixel with label void is %.3g; expected 0",
                  gradient[i]);
            }
          }
          List<NDArray> others = new ArrayList<>();
          for (NDArray array : batch.logits()) {
            float[] values = array.toFloatArray();
            for (int i = 0; i < values.length; i++) {
              int image = i / (LossTrial.CLASSES * plane);
              values[i] += labels[image * plane + i % plane] == Dataset.VOID ? 3 * (i % 2) : 0;
            }
            others.add(manager.create(values, LossTrial.SHAPE));
          }
          double after = LossTrial.value(made, new Batch(others, batch.label()));
          Broken.unless(
              LossTrial.close(before, after),
              "the loss is %s, and %s once logits of void pixels are other ones; expected the"
                  + " same",
              before,
              after);
          return Outcome.PASSED;
        });
  }

  static Outcome classWeights(Subject<Loss> subject) {
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 9);
          double none = LossTrial.value(LossTrial.create(subject), batch);
          double ones = LossTrial.value(weighted(subject, List.of(1.0, 1.0, 1.0, 1.0, 1.0)), batch);
          Broken.unless(
              LossTrial.close(none, ones),
              "the loss is %s without class weights, and %s with 1 for each; expected the"
                  + " same",
              none,
              ones);
          double others =
              LossTrial.value(weighted(subject, List.of(0.2, 3.0, 1.0, 0.5, 7.0)), batch);
          return LossTrial.close(none, others)
              ? Outcome.note("it ignores class weights: option class_weights changes nothing")
              : Outcome.PASSED;
        });
  }

  private static Criterion weighted(Subject<Loss> subject, List<Double> classWeights) {
    return LossTrial.create(
        subject, LossTrial.shape(LossTrial.PREDICTIONS, classWeights, List.of()));
  }

  static Outcome iterationWeights(Subject<Loss> subject) {
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 11);
          double first = iterations(subject, batch, List.of(1.0, 0.0, 0.0));
          double last = iterations(subject, batch, List.of(0.0, 0.0, 1.0));
          double doubled = iterations(subject, batch, List.of(0.0, 0.0, 2.0));
          return LossTrial.close(first, last) || LossTrial.close(last, doubled)
              ? Outcome.note(
                  "it ignores weights of iterations: option iteration_weights changes nothing")
              : Outcome.PASSED;
        });
  }

  private static double iterations(Subject<Loss> subject, Batch batch, List<Double> weights) {
    double value =
        LossTrial.value(
            LossTrial.create(subject, LossTrial.shape(LossTrial.PREDICTIONS, List.of(), weights)),
            batch);
    Broken.unless(
        Double.isFinite(value), "the loss with iteration weights %s is %s", weights, value);
    return value;
  }

  static Outcome passes(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 13);
          double one = LossTrial.value(made, batch);
          double half =
              Trial.without(
                  () -> {
                    NDArray total = LossTrial.total(made, batch);
                    return Numbers.values(LossTrial.loss(made, batch, total.add(total)))[0];
                  });
          Broken.unless(
              LossTrial.close(one, 2 * half),
              "one pass has a loss of %s, and %s where the total weight of the step is twice its"
                  + " own; expected half: divide by the total",
              one,
              half);
          return Outcome.PASSED;
        });
  }
}
