package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.function.UnaryOperator;
import org.riglab.api.RigException;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.testkit.internal.Check.Outcome;
import org.riglab.testkit.internal.LossTrial.Batch;

/** Losses as graphs: whether they can be traced, and what they compute once compiled. */
final class LossCompilation {
  private LossCompilation() {}

  private static UnaryOperator<NDList> compile(
      Subject<Loss> subject, Criterion made, Batch batch, NDArray total) {
    NDList arguments = new NDList(batch.logits());
    arguments.add(batch.label());
    arguments.add(total);
    int count = batch.logits().size();
    return subject
        .tools()
        .compiler()
        .compile(
            given ->
                new NDList(
                    made.loss(given.subList(0, count), given.get(count), given.get(count + 1))),
            arguments,
            false);
  }

  static Outcome trace(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 21);
          NDArray total = Trial.without(() -> LossTrial.total(made, batch));
          try {
            compile(subject, made, batch, total);
            return Outcome.PASSED;
          } catch (RigException e) {
            return Outcome.note(e.getMessage() + ": it runs eagerly beside the compiled network");
          }
        });
  }

  static Outcome compiled(Subject<Loss> subject) {
    Criterion made = LossTrial.create(subject);
    return LossTrial.lend(
        subject,
        manager -> {
          Batch batch =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 23)
                  .learning();
          NDArray total = Trial.without(() -> LossTrial.total(made, batch));
          UnaryOperator<NDList> program;
          try {
            program = compile(subject, made, batch, total);
          } catch (RigException e) {
            return Outcome.passed("it cannot be traced");
          }
          double eager = LossTrial.value(made, batch);
          List<double[]> wanted = LossTrial.gradients(made, batch);
          Batch second =
              Batch.of(manager, DataType.FLOAT32, LossTrial.SHAPE, LossTrial.PREDICTIONS, 23)
                  .learning();
          double[] number = new double[1];
          List<double[]> got =
              LossTrial.gradients(
                  second,
                  t -> {
                    NDList arguments = new NDList(second.logits());
                    arguments.add(second.label());
                    arguments.add(t);
                    NDArray value = program.apply(arguments).head();
                    number[0] = Numbers.values(value)[0];
                    return value;
                  },
                  total);
          Broken.unless(
              LossTrial.close(eager, number[0]),
              "it is %s eagerly and %s compiled; expected the same",
              eager,
              number[0]);
          for (int t = 0; t < wanted.size(); t++) {
            double error = Numbers.error(wanted.get(t), got.get(t));
            Broken.unless(
                error <= 1e-4,
                "the gradient of prediction %d is off by %.2g once compiled; expected the"
                    + " same",
                t + 1,
                error);
          }
          return Outcome.PASSED;
        });
  }
}
