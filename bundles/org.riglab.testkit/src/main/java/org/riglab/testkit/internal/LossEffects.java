package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.testkit.internal.Check.Outcome;
import org.riglab.testkit.internal.LossTrial.Batch;

/** What calls of a loss leave behind: nothing, in fields, arguments or memory. */
final class LossEffects {
  private LossEffects() {}

  static Outcome state(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    Criterion again = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 15);
          double first = LossTrial.value(made, batch);
          LossTrial.value(
              made,
              Batch.of(manager, DataType.FLOAT32, LossTrial.OTHER, LossTrial.PREDICTIONS, 17));
          double second = LossTrial.value(made, batch);
          Broken.unless(
              first == second,
              "the same arguments give %s at first and %s later; keep no state between calls",
              first,
              second);
          double other = LossTrial.value(again, batch);
          Broken.unless(
              first == other,
              "the same arguments give %s, and %s where the loss is made anew; expected the"
                  + " same",
              first,
              other);
          return Outcome.PASSED;
        });
  }

  static Outcome inputs(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 19);
          List<float[]> before = batch.logits().stream().map(NDArray::toFloatArray).toList();
          long[] labels = batch.label().toLongArray();
          LossTrial.value(made, batch);
          for (int t = 0; t < before.size(); t++) {
            Broken.unless(
                Arrays.equals(before.get(t), batch.logits().get(t).toFloatArray()),
                "it changes the logits of prediction %d; compute new arrays",
                t + 1);
          }
          Broken.unless(
              Arrays.equals(labels, batch.label().toLongArray()),
              "it changes the labels; compute new arrays");
          return Outcome.PASSED;
        });
  }

  static Outcome memory(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          int before = manager.getManagedArrays().size();
          for (int i = 0; i < 3; i++) {
            try (NDManager step = manager.newSubManager()) {
              Batch batch =
                  Batch.of(step, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 25)
                      .learning();
              LossTrial.gradients(made, batch);
            }
          }
          int after = manager.getManagedArrays().size();
          Broken.unless(
              after == before,
              "%d arrays are left after three steps; attach all arrays to the manager of the"
                  + " arguments",
              after - before);
          return Outcome.PASSED;
        });
  }
}
