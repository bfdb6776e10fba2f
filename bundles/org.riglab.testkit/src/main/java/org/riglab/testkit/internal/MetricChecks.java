package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.riglab.api.metric.Accumulator;
import org.riglab.api.metric.Metric;
import org.riglab.api.metric.Metric.Against;
import org.riglab.api.metric.Scores;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of metrics. */
public final class MetricChecks {
  /** A split that is empty has scores too. */
  public static final Check<Subject<Metric>> EMPTY =
      new Check<>("emptyAccumulatorHasScores", MetricChecks::empty);

  /** Values are numbers, and asking does not change them. */
  public static final Check<Subject<Metric>> NUMBERS =
      new Check<>("scoresAreNumbers", MetricChecks::numbers);

  /** One value per class. */
  public static final Check<Subject<Metric>> CLASSES =
      new Check<>("everyClassHasAScore", MetricChecks::classes);

  /** Parts of a split add up to the split. */
  public static final Check<Subject<Metric>> WHOLE =
      new Check<>("mergedEqualsWhole", MetricChecks::whole);

  /** Order does not matter. */
  public static final Check<Subject<Metric>> COMMUTES =
      new Check<>("mergeIsCommutative", MetricChecks::commutes);

  /** Grouping does not matter. */
  public static final Check<Subject<Metric>> ASSOCIATES =
      new Check<>("mergeIsAssociative", MetricChecks::associates);

  /** Pixels without a label are left out. */
  public static final Check<Subject<Metric>> VOID =
      new Check<>("voidDoesNotCount", MetricChecks::voids);

  /** Accumulators do not know each other, and change nothing that they are given. */
  public static final Check<Subject<Metric>> ALONE =
      new Check<>("accumulatorsAreIndependent", MetricChecks::alone);

  /** Maps on the device are scored as maps on the host. */
  public static final Check<Subject<Metric>> ARRAYS =
      new Check<>("arraysScoreAsBytes", MetricChecks::arrays);

  /** All checks. */
  public static final List<Check<Subject<Metric>>> ALL =
      List.of(EMPTY, NUMBERS, CLASSES, WHOLE, COMMUTES, ASSOCIATES, VOID, ALONE, ARRAYS);

  private static final int COUNT = 5;
  private static final int HEIGHT = 33;
  private static final int WIDTH = 47;

  private MetricChecks() {}

  /** A prediction and what it is compared with. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Maps(byte[] prediction, byte[] label) {
    /**
     * Patches of all classes with a border of void; three of four pixels are right.
     *
     * @param background share of void
     */
    static Maps of(long seed, boolean background) {
      Random random = new Random(Numbers.seed(seed));
      byte[] prediction = new byte[HEIGHT * WIDTH];
      byte[] label = new byte[HEIGHT * WIDTH];
      for (int i = 0; i < label.length; i++) {
        int row = i / WIDTH;
        int column = i % WIDTH;
        int patch = (row / 7 + column / 9 + (int) seed) % COUNT;
        label[i] = (byte) (background && (row % 7 == 0 || column < 3) ? 255 : patch);
        prediction[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(COUNT) : patch);
      }
      return new Maps(prediction, label);
    }

    Maps copy() {
      return new Maps(prediction.clone(), label.clone());
    }
  }

  private static Accumulator accumulator(Subject<Metric> subject) {
    Accumulator made =
        Broken.unless(
            "accumulator", () -> subject.provider().accumulator(COUNT, subject.options()));
    Broken.unless(made != null, "accumulator returns null; expected an empty accumulator");
    return made;
  }

  /** What a metric may be given: void is for labels only. */
  private static Maps maps(Subject<Metric> subject, long seed) {
    return Maps.of(seed, subject.provider().against() == Against.LABEL);
  }

  private static void add(Accumulator to, Maps maps) {
    Broken.unless(
        "add",
        () -> {
          to.add(maps.prediction(), maps.label(), HEIGHT, WIDTH);
          return null;
        });
  }

  private static Accumulator of(Subject<Metric> subject, long... seeds) {
    Accumulator accumulator = accumulator(subject);
    for (long seed : seeds) {
      add(accumulator, maps(subject, seed));
    }
    return accumulator;
  }

  private static Accumulator merge(Accumulator to, Accumulator from) {
    Broken.unless(
        "merge",
        () -> {
          to.merge(from);
          return null;
        });
    return to;
  }

  private static Scores result(Accumulator accumulator) {
    Scores scores = Broken.unless("result", accumulator::result);
    Broken.unless(scores != null, "result returns null; expected scores, NaN where undefined");
    return scores;
  }

  /** Every number by a name. */
  private static Map<String, Double> flat(Scores scores) {
    Map<String, Double> flat = new TreeMap<>(scores.values());
    scores
        .perClass()
        .forEach(
            (name, values) -> {
              for (int c = 0; c < values.size(); c++) {
                flat.put(name + " of class " + c, values.get(c));
              }
            });
    for (int row = 0; row < scores.confusion().size(); row++) {
      for (int column = 0; column < scores.confusion().get(row).size(); column++) {
        flat.put(
            "confusion of %d with %d".formatted(row, column),
            scores.confusion().get(row).get(column).doubleValue());
      }
    }
    return flat;
  }

  private static void same(Scores wanted, Scores got, String what, String right) {
    Map<String, Double> first = flat(wanted);
    Map<String, Double> second = flat(got);
    Broken.unless(
        first.keySet().equals(second.keySet()),
        "%s has the scores %s instead of %s; %s",
        what,
        second.keySet(),
        first.keySet(),
        right);
    first.forEach(
        (name, value) -> {
          double other = second.get(name);
          boolean equal =
              Double.isNaN(value)
                  ? Double.isNaN(other)
                  : Math.abs(value - other) <= 1e-9 * Math.max(1, Math.abs(value));
          Broken.unless(equal, "%s: %s is %s instead of %s; %s", what, name, other, value, right);
        });
  }

  private static Outcome empty(Subject<Metric> subject) {
    Scores empty = result(accumulator(subject));
    Scores full = result(of(subject, 1));
    Broken.unless(
        empty.values().keySet().equals(full.values().keySet()),
        "an empty accumulator has the values %s, a full one %s; expected the same names, NaN"
            + " where nothing was counted",
        empty.values().keySet(),
        full.values().keySet());
    same(
        full,
        result(merge(of(subject, 1), accumulator(subject))),
        "merged with an empty accumulator",
        "nothing was added");
    same(
        full,
        result(merge(accumulator(subject), of(subject, 1))),
        "an empty accumulator merged with a full one",
        "expected the full one's scores");
    return Outcome.PASSED;
  }

  private static Outcome numbers(Subject<Metric> subject) {
    Accumulator accumulator = of(subject, 1, 2);
    Scores scores = result(accumulator);
    Broken.unless(
        !scores.values().isEmpty(),
        "there are no values; expected at least one named number, such as mIoU");
    flat(scores)
        .forEach(
            (name, value) ->
                Broken.unless(
                    Double.isFinite(value),
                    "%s is %s although every class occurs in predictions and labels; expected a"
                        + " number",
                    name,
                    value));
    same(scores, result(accumulator), "asked a second time", "result changes nothing");
    return Outcome.PASSED;
  }

  private static Outcome classes(Subject<Metric> subject) {
    Scores scores = result(of(subject, 1));
    scores
        .perClass()
        .forEach(
            (name, values) ->
                Broken.unless(
                    values.size() == COUNT,
                    "%s has %d numbers for %d classes; expected one per class, NaN where"
                        + " undefined",
                    name,
                    values.size(),
                    COUNT));
    Broken.unless(
        scores.confusion().isEmpty()
            || scores.confusion().size() == COUNT
                && scores.confusion().stream().allMatch(row -> row.size() == COUNT),
        "the confusion matrix is not %d by %d; expected that size, or none",
        COUNT,
        COUNT);
    return scores.perClass().isEmpty()
        ? Outcome.passed("it has no scores per class")
        : Outcome.PASSED;
  }

  private static Outcome whole(Subject<Metric> subject) {
    Accumulator second = of(subject, 2, 3);
    Scores before = result(second);
    Accumulator merged = merge(of(subject, 1), second);
    same(
        result(of(subject, 1, 2, 3)),
        result(merged),
        "two accumulators merged",
        "expected the scores of an accumulator of all samples: keep sums, not means");
    same(
        before, result(second), "the accumulator that was merged into another", "it is left alone");
    return Outcome.PASSED;
  }

  private static Outcome commutes(Subject<Metric> subject) {
    same(
        result(merge(of(subject, 1), of(subject, 2, 3))),
        result(merge(of(subject, 2, 3), of(subject, 1))),
        "b merged with a",
        "expected the result of a merged with b");
    return Outcome.PASSED;
  }

  private static Outcome associates(Subject<Metric> subject) {
    same(
        result(merge(merge(of(subject, 1), of(subject, 2)), of(subject, 3, 4))),
        result(merge(of(subject, 1), merge(of(subject, 2), of(subject, 3, 4)))),
        "a merged with (b merged with c)",
        "expected the result of (a merged with b) merged with c");
    return Outcome.PASSED;
  }

  private static Outcome voids(Subject<Metric> subject) {
    if (subject.provider().against() != Against.LABEL) {
      return Outcome.passed("it does not compare with labels");
    }
    Maps maps = maps(subject, 1);
    Maps other = maps.copy();
    for (int i = 0; i < other.label().length; i++) {
      if (other.label()[i] == (byte) 255) {
        other.prediction()[i] = (byte) ((maps.prediction()[i] + 1 + i % (COUNT - 1)) % COUNT);
      }
    }
    Accumulator first = accumulator(subject);
    add(first, maps);
    Accumulator second = accumulator(subject);
    add(second, other);
    same(
        result(first),
        result(second),
        "with other predictions where the label is 255 (void)",
        "such pixels must not count");
    return Outcome.PASSED;
  }

  private static Outcome alone(Subject<Metric> subject) {
    Accumulator first = of(subject, 1);
    Scores before = result(first);
    of(subject, 2);
    same(
        before,
        result(first),
        "after another accumulator of the metric was used",
        "accumulators share nothing");
    Maps maps = maps(subject, 3);
    Maps kept = maps.copy();
    add(first, maps);
    Broken.unless(
        Arrays.equals(maps.prediction(), kept.prediction())
            && Arrays.equals(maps.label(), kept.label()),
        "add changes the maps that it is given; copy them first");
    Scores added = result(first);
    Arrays.fill(maps.prediction(), (byte) 0);
    same(
        added,
        result(first),
        "after the caller used its map for something else",
        "count in add, or copy the maps");
    return Outcome.PASSED;
  }

  private static Outcome arrays(Subject<Metric> subject) {
    Accumulator counted = accumulator(subject);
    try (NDManager manager = subject.tools().assembler().arrays(Device.cpu())) {
      ByteBuffer predictions = ByteBuffer.allocateDirect(2 * HEIGHT * WIDTH);
      ByteBuffer labels = ByteBuffer.allocateDirect(2 * HEIGHT * WIDTH);
      for (long seed : new long[] {1, 2}) {
        predictions.put(maps(subject, seed).prediction());
        labels.put(maps(subject, seed).label());
      }
      Shape shape = new Shape(2, HEIGHT, WIDTH);
      NDArray predicted = manager.create(predictions.flip(), shape, DataType.UINT8);
      NDArray truth = manager.create(labels.flip(), shape, DataType.UINT8);
      Broken.unless(
          "add with arrays",
          () -> {
            counted.add(predicted, truth);
            return null;
          });
      Broken.unless(
          !predicted.isReleased() && !truth.isReleased(),
          "add closes the arrays that it is given, which belong to the caller");
    }
    same(
        result(of(subject, 1, 2)),
        result(counted),
        "add with arrays",
        "expected the scores of add with bytes");
    return Outcome.PASSED;
  }
}
