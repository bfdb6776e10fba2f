package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Scores;

/** Each check finds the metric that breaks it, and says so; a metric that holds passes it. */
public class BrokenMetricsTest {
  /** The share of labelled pixels that are right. */
  private static class Right implements Accumulator {
    long right;
    long all;

    @Override
    public void add(byte[] prediction, byte[] label, int height, int width) {
      for (int i = 0; i < label.length; i++) {
        if (label[i] != -1) {
          all++;
          right += label[i] == prediction[i] ? 1 : 0;
        }
      }
    }

    @Override
    public void merge(Accumulator other) {
      right += ((Right) other).right;
      all += ((Right) other).all;
    }

    @Override
    public Scores result() {
      return scores((double) right / all);
    }
  }

  private static Scores scores(double value) {
    return new Scores(Map.of("right", value), Map.of(), List.of());
  }

  private static void fails(Check<Subject<Metric>> check, Metric metric, String part) {
    Metric good = (classes, options) -> new Right();
    assertEquals(check.name(), Verdict.PASSED, check.run(subject(good)).verdict());
    Check.Outcome outcome = check.run(subject(metric));
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  private static Subject<Metric> subject(Metric metric) {
    return new Subject<>(Metric.KIND, "test", metric, Map.of(), Tools.onClassPath());
  }

  @Test
  public void noScoresWhenEmpty() {
    fails(
        MetricChecks.EMPTY,
        (classes, options) ->
            new Right() {
              @Override
              public Scores result() {
                return scores(right / all);
              }
            },
        "result throws ArithmeticException: / by zero");
    fails(MetricChecks.EMPTY, (classes, options) -> null, "accumulator returns null");
  }

  @Test
  public void notANumber() {
    fails(
        MetricChecks.NUMBERS,
        (classes, options) ->
            new Right() {
              @Override
              public Scores result() {
                return scores(Double.NaN);
              }
            },
        "right is NaN although every class occurs");
    fails(
        MetricChecks.NUMBERS,
        (classes, options) ->
            new Right() {
              @Override
              public Scores result() {
                return scores((double) right / all++);
              }
            },
        "asked a second time: right is");
  }

  @Test
  public void tooFewClasses() {
    fails(
        MetricChecks.CLASSES,
        (classes, options) ->
            new Right() {
              @Override
              public Scores result() {
                List<Double> some = Collections.nCopies(classes - 1, 0.5);
                return new Scores(Map.of("right", 1.0), Map.of("IoU", some), List.of());
              }
            },
        "IoU has 4 numbers for 5 classes");
    fails(
        MetricChecks.CLASSES,
        (classes, options) ->
            new Right() {
              @Override
              public Scores result() {
                return new Scores(Map.of("right", 1.0), Map.of(), List.of(List.of(1L)));
              }
            },
        "the confusion matrix is not 5 by 5");
  }

  /** Means of means: what is merged counts as one map. */
  private static final class Means extends Right {
    private final List<Double> means = new ArrayList<>();

    @Override
    public void add(byte[] prediction, byte[] label, int height, int width) {
      Right one = new Right();
      one.add(prediction, label, height, width);
      means.add(mean(one.result()));
    }

    private static double mean(Scores scores) {
      return scores.values().get("right");
    }

    @Override
    public void merge(Accumulator other) {
      if (!((Means) other).means.isEmpty()) {
        means.add(mean(other.result()));
      }
    }

    @Override
    public Scores result() {
      return scores(means.stream().mapToDouble(m -> m).average().orElse(Double.NaN));
    }
  }

  @Test
  public void meansOfMeans() {
    Metric means = (classes, options) -> new Means();
    fails(MetricChecks.WHOLE, means, "two accumulators merged: right is");
    fails(MetricChecks.COMMUTES, means, "b merged with a: right is");
    fails(MetricChecks.ASSOCIATES, means, "a merged with (b merged with c): right is");
  }

  @Test
  public void mergeTakesAway() {
    fails(
        MetricChecks.WHOLE,
        (classes, options) ->
            new Right() {
              @Override
              public void merge(Accumulator other) {
                super.merge(other);
                ((Right) other).all = 7;
              }
            },
        "the accumulator that was merged into another: right is");
  }

  @Test
  public void voidCounts() {
    fails(
        MetricChecks.VOID,
        (classes, options) ->
            new Right() {
              @Override
              public void add(byte[] prediction, byte[] label, int height, int width) {
                for (int i = 0; i < label.length; i++) {
                  all++;
                  right += prediction[i] == 0 ? 1 : 0;
                }
              }
            },
        "with other predictions where the label is 255 (void): right is");
  }

  @Test
  public void shared() {
    Right one = new Right();
    fails(
        MetricChecks.ALONE,
        (classes, options) -> one,
        "after another accumulator of the metric was used: right is");
    fails(
        MetricChecks.ALONE,
        (classes, options) ->
            new Right() {
              @Override
              public void add(byte[] prediction, byte[] label, int height, int width) {
                super.add(prediction, label, height, width);
                label[0] = 3;
              }
            },
        "add changes the maps that it is given");
  }

  @Test
  public void arraysAreScoredOtherwise() {
    fails(
        MetricChecks.ARRAYS,
        (classes, options) ->
            new Right() {
              @Override
              public void add(NDArray predictions, NDArray labels) {
                all += predictions.size();
                right += predictions.eq(labels).countNonzero().getLong();
              }
            },
        "add with arrays: right is");
    fails(
        MetricChecks.ARRAYS,
        (classes, options) ->
            new Right() {
              @Override
              public void add(NDArray predictions, NDArray labels) {
                super.add(predictions, labels);
                labels.close();
              }
            },
        "add closes the arrays that it is given");
  }
}
