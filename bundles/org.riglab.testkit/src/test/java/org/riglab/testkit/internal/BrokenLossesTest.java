package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Predictions;

/** Each check finds the loss that breaks it, and says so; one that holds passes all. */
public class BrokenLossesTest {
  /** Squared error of the probabilities, the Brier score: a mean over labelled pixels. */
  private static class Brier implements Criterion {
    final CrossEntropy entropy;
    final List<Double> iterationWeights;

    Brier(LossShape shape) {
      entropy = new CrossEntropy(Dataset.VOID, shape.classWeights());
      iterationWeights = shape.iterationWeights();
    }

    @Override
    public NDArray weight(NDArray label) {
      return entropy.weight(label, label.getManager());
    }

    @Override
    public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
      return Predictions.weighted(logits, iterationWeights, x -> one(x, label).div(total));
    }

    NDArray one(NDArray logits, NDArray label) {
      NDArray miss = entropy.logProbability(logits, label).exp().neg().add(1);
      return miss.mul(miss).mul(entropy.weights(label, logits.getManager())).sum();
    }
  }

  private static Subject<Loss> subject(Loss loss) {
    return new Subject<>(Loss.KIND, "test", loss, Map.of(), Tools.onClassPath());
  }

  private static void check(
      Verdict verdict, Check<Subject<Loss>> check, Loss loss, String... parts) {
    Check.Outcome outcome = check.run(subject(loss));
    assertEquals(check.name() + ": " + outcome.sentence(), verdict, outcome.verdict());
    for (String part : parts) {
      assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    }
    assertTrue(outcome.sentence(), outcome.sentence().lines().count() <= 1);
  }

  private static void fails(Check<Subject<Loss>> check, Loss loss, String... parts) {
    check(Verdict.FAILED, check, loss, parts);
  }

  /** A Brier score whose loss of one prediction is another. */
  private interface One {
    NDArray loss(Brier brier, NDArray logits, NDArray label);
  }

  private static Loss brier(One one) {
    return (shape, options) ->
        new Brier(shape) {
          @Override
          NDArray one(NDArray logits, NDArray label) {
            return one.loss(new Brier(shape), logits, label);
          }
        };
  }

  @Test
  public void aGoodOnePassesAll() {
    for (Check<Subject<Loss>> check : LossChecks.ALL) {
      check(Verdict.PASSED, check, (shape, options) -> new Brier(shape));
    }
  }

  @Test
  public void noNumber() {
    fails(LossChecks.NUMBER, (shape, options) -> null, "create returns null");
    fails(
        LossChecks.NUMBER,
        (shape, options) -> (logits, label, total) -> null,
        "loss returns null; expected a scalar");
    fails(
        LossChecks.NUMBER,
        (shape, options) ->
            (logits, label, total) -> logits.get(0).mul(logits.get(0)).sum(new int[] {1}),
        "loss returns shape (2, 9, 13)");
    fails(
        LossChecks.NUMBER,
        (shape, options) ->
            (logits, label, total) -> {
              throw new IllegalStateException("no");
            },
        "for 3 predictions, 0 % of the pixels void, loss throws IllegalStateException: no"
            + " (BrokenLossesTest.java:");
  }

  @Test
  public void notFiniteWithoutLabels() {
    fails(
        LossChecks.NUMBER,
        (shape, options) ->
            new Brier(shape) {
              @Override
              public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
                NDArray counted = label.neq(Dataset.VOID).toType(DataType.FLOAT32, false).sum();
                return one(logits.get(0), label).div(counted);
              }
            },
        "100 % of the pixels void, the loss is NaN");
  }

  @Test
  public void nothingToLearn() {
    fails(
        LossChecks.NUMBER,
        brier((brier, logits, label) -> brier.one(logits.stopGradient(), label)),
        "the way back from the loss");
    fails(
        LossChecks.NUMBER,
        brier(
            (brier, logits, label) ->
                brier.one(logits.stopGradient(), label).add(logits.sum().mul(0))),
        "no gradient reaches the logits");
  }

  @Test
  public void refusedSinglePredictionIsToldButRight() {
    check(
        Verdict.PASSED,
        LossChecks.NUMBER,
        (shape, options) -> {
          if (shape.predictions() < 2) {
            throw new RigException("two or more, please");
          }
          return new Brier(shape);
        },
        "it refuses a single prediction: two or more, please");
  }

  /** The gradient of half of the function. */
  @Test
  public void wrongGradient() {
    fails(
        LossChecks.SLOPE,
        brier(
            (brier, logits, label) ->
                brier.one(logits, label).add(brier.one(logits.stopGradient(), label))),
        "finite differences find");
  }

  @Test
  public void voidThatCounts() {
    fails(
        LossChecks.VOID,
        brier(
            (brier, logits, label) -> {
              NDArray p = brier.entropy.logProbability(logits, label);
              return p.mul(p).sum();
            }),
        "the gradient of a pixel with label void is");
    fails(
        LossChecks.VOID,
        brier(
            (brier, logits, label) ->
                brier.one(logits, label).add(logits.stopGradient().softmax(1).square().sum())),
        "once logits of void pixels are other ones");
  }

  @Test
  public void classWeights() {
    fails(
        LossChecks.CLASS_WEIGHTS,
        (shape, options) ->
            new Brier(shape) {
              @Override
              public NDArray weight(NDArray label) {
                return shape.classWeights().isEmpty()
                    ? super.weight(label)
                    : label.getManager().create(1f);
              }
            },
        "without class weights");
    check(
        Verdict.NOTE,
        LossChecks.CLASS_WEIGHTS,
        (shape, options) ->
            new Brier(new LossShape(shape.classes(), 3, List.of(), shape.iterationWeights())),
        "ignores class weights");
  }

  @Test
  public void iterationWeights() {
    check(
        Verdict.NOTE,
        LossChecks.ITERATION_WEIGHTS,
        (shape, options) ->
            new Brier(new LossShape(shape.classes(), 3, shape.classWeights(), List.of())),
        "ignores weights of iterations");
  }

  @Test
  public void sumOverPasses() {
    fails(
        LossChecks.PASSES,
        (shape, options) ->
            new Brier(shape) {
              @Override
              public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
                return one(logits.get(2), label).div(weight(label));
              }
            },
        "divide by the total");
  }

  @Test
  public void memoryOfEarlierCalls() {
    fails(
        LossChecks.STATE,
        (shape, options) ->
            new Brier(shape) {
              private int calls;

              @Override
              public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
                calls++;
                return super.loss(logits, label, total).add(calls);
              }
            },
        "keep no state between calls");
  }

  @Test
  public void changedInputs() {
    fails(
        LossChecks.INPUTS,
        brier((brier, logits, label) -> brier.one(logits.subi(1f), label)),
        "it changes the logits of prediction 3");
    fails(
        LossChecks.INPUTS,
        brier((brier, logits, label) -> brier.one(logits, label.addi(0).muli(0))),
        "it changes the labels");
  }

  @Test
  public void readingValuesIsANote() {
    Loss reader =
        brier(
            (brier, logits, label) ->
                brier
                    .one(logits, label)
                    .mul(logits.getManager().create(label.toLongArray().length)));
    check(Verdict.NOTE, LossChecks.TRACE, reader, "toLongArray", "it runs eagerly");
    check(Verdict.PASSED, LossChecks.COMPILED, reader, "it cannot be traced");
  }

  /** What is not among the operations of the arguments is the same in every compiled call. */
  @Test
  public void valuesFromElsewhere() {
    int[] calls = new int[1];
    fails(
        LossChecks.COMPILED,
        brier(
            (brier, logits, label) ->
                brier.one(logits, label).add(logits.getManager().create((float) calls[0]++))),
        "compiled; expected the same");
  }

  @Test
  public void arraysThatStay() {
    fails(
        LossChecks.MEMORY,
        brier(
            (brier, logits, label) -> {
              NDArray kept = logits.square();
              kept.attach(logits.getManager().getParentManager());
              return brier.one(logits, label);
            }),
        "are left after three steps");
  }
}
