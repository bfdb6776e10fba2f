package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.testkit.internal.Check.Outcome;
import org.riglab.testkit.internal.LossTrial.Batch;

/** A loss is a finite number, and its gradients are its slopes. */
final class LossGradients {
  private LossGradients() {}

  static Outcome number(Subject<Loss> subject) {
    String detail = "";
    for (int predictions : new int[] {LossTrial.PREDICTIONS, 2, 1}) {
      LossShape shape = LossTrial.shape(predictions, List.of(), List.of());
      if (predictions == 1) {
        try {
          subject.provider().create(shape, subject.options());
        } catch (RigException e) {
          detail = "it refuses a single prediction: " + e.getMessage();
          continue;
        }
      }
      Criterion made = LossTrial.create(subject, shape);
      for (double empty : new double[] {0, 0.2, 1}) {
        String where =
            "for %d prediction%s, %.0f %% of the pixels void,"
                .formatted(predictions, predictions == 1 ? "" : "s", 100 * empty);
        int count = predictions;
        Broken.in(
            where, () -> LossTrial.lend(subject, manager -> number(made, manager, count, empty)));
      }
    }
    return Outcome.passed(detail);
  }

  private static Outcome number(Criterion made, NDManager manager, int predictions, double empty) {
    Batch batch =
        Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, predictions, 3, empty).learning();
    double value = LossTrial.value(made, batch);
    Broken.unless(Double.isFinite(value), "the loss is %s; expected a finite number", value);
    List<double[]> gradients = empty == 1 ? List.of() : LossTrial.gradients(made, batch);
    Broken.unless(
        gradients.stream().allMatch(Numbers::finite),
        "the gradient holds NaN or infinity; expected finite numbers");
    Broken.unless(
        empty == 1 || gradients.stream().anyMatch(gradient -> Numbers.norm(gradient) > 0),
        "no gradient reaches the logits: nothing would be learned");
    return Outcome.PASSED;
  }

  static Outcome slope(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          DataType type = precise(made, manager) ? DataType.FLOAT64 : DataType.FLOAT32;
          Batch batch =
              Batch.of(manager, type, LossTrial.OTHER, LossTrial.PREDICTIONS, 5).learning();
          LossTrial.gradients(made, batch);
          NDArray total = Trial.without(() -> LossTrial.total(made, batch));
          Optional<String> wrong =
              Trial.without(
                  () ->
                      new Differences(
                              () -> {
                                try (NDArray value = LossTrial.loss(made, batch, total)) {
                                  return Numbers.values(value)[0];
                                }
                              },
                              type,
                              false)
                          .wrong(manager, batch.named()));
          Broken.unless(wrong.isEmpty(), "%s", wrong.orElse(""));
          return Outcome.PASSED;
        });
  }

  /** Whether it computes in float64, in which small steps can be told from rounding. */
  private static boolean precise(Criterion made, NDManager manager) {
    Batch batch = Batch.of(manager, DataType.FLOAT64, LossTrial.OTHER, LossTrial.PREDICTIONS, 5);
    try {
      return Trial.without(
          () ->
              LossTrial.loss(made, batch, LossTrial.total(made, batch)).getDataType()
                  == DataType.FLOAT64);
    } catch (Broken e) {
      return false; // only float32 is asked of a loss
    }
  }
}
