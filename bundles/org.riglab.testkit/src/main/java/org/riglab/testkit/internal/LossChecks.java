package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.Loss.Criterion;
import org.riglab.api.training.LossShape;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of losses. */
public final class LossChecks {
  /** One finite number, whatever the labels. */
  public static final Check<Subject<Loss>> NUMBER =
      new Check<>("isOneFiniteNumber", LossChecks::number);

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Loss>> SLOPE =
      new Check<>("gradientIsTheSlope", LossChecks::slope);

  /** Pixels without a label are left out. */
  public static final Check<Subject<Loss>> VOID =
      new Check<>("voidDoesNotCount", LossChecks::voids);

  /** Weights of classes are used. */
  public static final Check<Subject<Loss>> CLASS_WEIGHTS =
      new Check<>("classWeightsCount", LossChecks::classWeights);

  /** Weights of iterations are used. */
  public static final Check<Subject<Loss>> ITERATION_WEIGHTS =
      new Check<>("iterationWeightsCount", LossChecks::iterationWeights);

  /** Accumulated passes are averaged. */
  public static final Check<Subject<Loss>> PASSES =
      new Check<>("passesOfAStepAreAveraged", LossChecks::passes);

  /** The result depends on the arguments alone. */
  public static final Check<Subject<Loss>> STATE =
      new Check<>("keepsNothingBetweenCalls", LossChecks::state);

  /** Arguments belong to the caller. */
  public static final Check<Subject<Loss>> INPUTS =
      new Check<>("leavesItsInputsAlone", LossChecks::inputs);

  /** It can be compiled. */
  public static final Check<Subject<Loss>> TRACE = new Check<>("tracesToAGraph", LossChecks::trace);

  /** Compiled it computes what it does eagerly. */
  public static final Check<Subject<Loss>> COMPILED =
      new Check<>("compiledEqualsEager", LossChecks::compiled);

  /** Nothing stays behind. */
  public static final Check<Subject<Loss>> MEMORY =
      new Check<>("freesWhatItMakes", LossChecks::memory);

  /** All checks. */
  public static final List<Check<Subject<Loss>>> ALL =
      List.of(
          NUMBER,
          SLOPE,
          VOID,
          CLASS_WEIGHTS,
          ITERATION_WEIGHTS,
          PASSES,
          STATE,
          INPUTS,
          TRACE,
          COMPILED,
          MEMORY);

  private static final int CLASSES = 5;
  private static final int PREDICTIONS = 3;
  private static final Shape SHAPE = new Shape(2, CLASSES, 9, 13);
  private static final Shape OTHER = new Shape(1, CLASSES, 7, 5);
  private static final ClassTable TABLE =
      new ClassTable(
          IntStream.range(0, CLASSES)
              .mapToObj(c -> new ClassTable.Entry("class " + c, c * 1000))
              .toList());

  /** Sums over pixels in another order differ by more than the last bit. */
  private static final double CLOSE = 1e-5;

  private LossChecks() {}

  private static LossShape shape(
      int predictions, List<Double> classWeights, List<Double> iterationWeights) {
    return new LossShape(TABLE, predictions, classWeights, iterationWeights);
  }

  private static Criterion create(Subject<Loss> subject, LossShape shape) {
    Criterion made =
        Broken.unless("create", () -> subject.provider().create(shape, subject.options()));
    Broken.unless(made != null, "create returns null; right would be the loss of a training");
    return made;
  }

  private static Criterion create(Subject<Loss> subject) {
    return create(subject, shape(PREDICTIONS, List.of(), List.of()));
  }

  /** Logits of each prediction, and labels. */
  private record Batch(List<NDArray> logits, NDArray label) {
    static Batch of(NDManager manager, DataType type, Shape shape, int predictions, long seed) {
      return of(manager, type, shape, predictions, seed, 0.2);
    }

    static Batch of(
        NDManager manager, DataType type, Shape shape, int predictions, long seed, double empty) {
      List<NDArray> logits = new ArrayList<>();
      for (int t = 0; t < predictions; t++) {
        logits.add(Numbers.normal(manager, type, seed + t, shape.getShape()));
      }
      Random random = new Random(seed);
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

  private static <T> T lend(Subject<Loss> subject, Function<NDManager, T> use) {
    try (NDManager manager = subject.tools().assembler().arrays(Device.cpu())) {
      return use.apply(manager);
    }
  }

  /** What a training divides by: the weight, or 1 where nothing counts. */
  private static NDArray total(Criterion made, Batch batch) {
    NDArray weight = Broken.unless("weight", () -> made.weight(batch.label));
    Broken.unless(
        weight != null && weight.getShape().dimension() == 0,
        "weight returns %s; right would be a scalar",
        weight == null ? "null" : weight.getShape());
    double value = Numbers.values(weight)[0];
    Broken.unless(
        Double.isFinite(value) && value >= 0,
        "weight returns %s; right would be a finite number of 0 or more",
        value);
    return value == 0 ? weight.onesLike() : weight;
  }

  private static NDArray loss(Criterion made, Batch batch, NDArray total) {
    NDArray loss = Broken.unless("loss", () -> made.loss(batch.logits, batch.label, total));
    Broken.unless(
        loss != null && loss.getShape().dimension() == 0,
        "loss returns %s; right would be a scalar",
        loss == null ? "null" : "shape " + loss.getShape());
    return loss;
  }

  private static double value(Criterion made, Batch batch) {
    return Trial.without(() -> Numbers.values(loss(made, batch, total(made, batch)))[0]);
  }

  /** Goes back from the loss; zeros where no gradient arrives. */
  private static List<double[]> gradients(Batch batch, UnaryOperator<NDArray> loss, NDArray total) {
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

  private static List<double[]> gradients(Criterion made, Batch batch) {
    NDArray total = Trial.without(() -> total(made, batch));
    return gradients(batch, t -> loss(made, batch, t), total);
  }

  private static Outcome number(Subject<Loss> subject) {
    String detail = "";
    for (int predictions : new int[] {PREDICTIONS, 2, 1}) {
      LossShape shape = shape(predictions, List.of(), List.of());
      if (predictions == 1) {
        try {
          subject.provider().create(shape, subject.options());
        } catch (RigException e) {
          detail = "it refuses a single prediction: " + e.getMessage();
          continue;
        }
      }
      Criterion made = create(subject, shape);
      for (double empty : new double[] {0, 0.2, 1}) {
        String where =
            "for %d prediction%s, %.0f %% of the pixels void,"
                .formatted(predictions, predictions == 1 ? "" : "s", 100 * empty);
        int count = predictions;
        Broken.in(where, () -> lend(subject, manager -> number(made, manager, count, empty)));
      }
    }
    return Outcome.passed(detail);
  }

  private static Outcome number(Criterion made, NDManager manager, int predictions, double empty) {
    Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, predictions, 3, empty).learning();
    double value = value(made, batch);
    Broken.unless(Double.isFinite(value), "the loss is %s; right would be a finite number", value);
    List<double[]> gradients = empty == 1 ? List.of() : gradients(made, batch);
    Broken.unless(
        gradients.stream().allMatch(Numbers::finite),
        "the gradient holds NaN or infinity; right would be finite numbers");
    Broken.unless(
        empty == 1 || gradients.stream().anyMatch(gradient -> Numbers.norm(gradient) > 0),
        "no gradient reaches the logits: nothing would be learned");
    return Outcome.PASSED;
  }

  private static Outcome slope(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          DataType type = precise(made, manager) ? DataType.FLOAT64 : DataType.FLOAT32;
          Batch batch = Batch.of(manager, type, OTHER, PREDICTIONS, 5).learning();
          gradients(made, batch);
          NDArray total = Trial.without(() -> total(made, batch));
          Optional<String> wrong =
              Trial.without(
                  () ->
                      new Differences(
                              () -> {
                                try (NDArray value = loss(made, batch, total)) {
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
    Batch batch = Batch.of(manager, DataType.FLOAT64, OTHER, PREDICTIONS, 5);
    try {
      return Trial.without(
          () -> loss(made, batch, total(made, batch)).getDataType() == DataType.FLOAT64);
    } catch (Broken e) {
      return false; // only float32 is asked of a loss
    }
  }

  private static Outcome voids(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 7).learning();
          double before = value(made, batch);
          int plane = (int) (SHAPE.get(2) * SHAPE.get(3));
          long[] labels = batch.label.toLongArray();
          for (double[] gradient : gradients(made, batch)) {
            for (int i = 0; i < gradient.length; i++) {
              int image = i / (CLASSES * plane);
              Broken.unless(
                  labels[image * plane + i % plane] != Dataset.VOID || gradient[i] == 0,
                  "the gradient of a pixel with label void is %.3g; right would be 0",
                  gradient[i]);
            }
          }
          List<NDArray> others = new ArrayList<>();
          for (NDArray array : batch.logits) {
            float[] values = array.toFloatArray();
            for (int i = 0; i < values.length; i++) {
              int image = i / (CLASSES * plane);
              values[i] += labels[image * plane + i % plane] == Dataset.VOID ? 3 * (i % 2) : 0;
            }
            others.add(manager.create(values, SHAPE));
          }
          double after = value(made, new Batch(others, batch.label));
          Broken.unless(
              close(before, after),
              "the loss is %s, and %s once logits of void pixels are other ones; right would be the"
                  + " same",
              before,
              after);
          return Outcome.PASSED;
        });
  }

  private static Outcome classWeights(Subject<Loss> subject) {
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 9);
          double none = value(create(subject), batch);
          double ones = value(weighted(subject, List.of(1.0, 1.0, 1.0, 1.0, 1.0)), batch);
          Broken.unless(
              close(none, ones),
              "the loss is %s without class weights, and %s with 1 for each; right would be the"
                  + " same",
              none,
              ones);
          double others = value(weighted(subject, List.of(0.2, 3.0, 1.0, 0.5, 7.0)), batch);
          return close(none, others)
              ? Outcome.note("it ignores class weights: option class_weights changes nothing")
              : Outcome.PASSED;
        });
  }

  private static Criterion weighted(Subject<Loss> subject, List<Double> classWeights) {
    return create(subject, shape(PREDICTIONS, classWeights, List.of()));
  }

  private static Outcome iterationWeights(Subject<Loss> subject) {
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 11);
          double first = iterations(subject, batch, List.of(1.0, 0.0, 0.0));
          double last = iterations(subject, batch, List.of(0.0, 0.0, 1.0));
          double doubled = iterations(subject, batch, List.of(0.0, 0.0, 2.0));
          return close(first, last) || close(last, doubled)
              ? Outcome.note(
                  "it ignores weights of iterations: option iteration_weights changes nothing")
              : Outcome.PASSED;
        });
  }

  private static double iterations(Subject<Loss> subject, Batch batch, List<Double> weights) {
    double value = value(create(subject, shape(PREDICTIONS, List.of(), weights)), batch);
    Broken.unless(
        Double.isFinite(value), "the loss with iteration weights %s is %s", weights, value);
    return value;
  }

  private static Outcome passes(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 13);
          double one = value(made, batch);
          double half =
              Trial.without(
                  () -> {
                    NDArray total = total(made, batch);
                    return Numbers.values(loss(made, batch, total.add(total)))[0];
                  });
          Broken.unless(
              close(one, 2 * half),
              "one pass has a loss of %s, and %s where the total weight of the step is twice its"
                  + " own; right would be half: divide by the total",
              one,
              half);
          return Outcome.PASSED;
        });
  }

  private static boolean close(double a, double b) {
    return Math.abs(a - b) <= CLOSE * Math.max(1e-3, Math.abs(a));
  }

  private static Outcome state(Subject<Loss> subject) {
    Criterion made = create(subject);
    Criterion again = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 15);
          double first = value(made, batch);
          value(made, Batch.of(manager, DataType.FLOAT32, OTHER, PREDICTIONS, 17));
          double second = value(made, batch);
          Broken.unless(
              first == second,
              "the same arguments give %s at first and %s later; right would be that nothing is"
                  + " kept between calls",
              first,
              second);
          double other = value(again, batch);
          Broken.unless(
              first == other,
              "the same arguments give %s, and %s where the loss is made anew; right would be the"
                  + " same",
              first,
              other);
          return Outcome.PASSED;
        });
  }

  private static Outcome inputs(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 19);
          List<float[]> before = batch.logits.stream().map(NDArray::toFloatArray).toList();
          long[] labels = batch.label.toLongArray();
          value(made, batch);
          for (int t = 0; t < before.size(); t++) {
            Broken.unless(
                Arrays.equals(before.get(t), batch.logits.get(t).toFloatArray()),
                "it changes the logits of prediction %d; right would be to compute new arrays",
                t + 1);
          }
          Broken.unless(
              Arrays.equals(labels, batch.label.toLongArray()),
              "it changes the labels; right would be to compute new arrays");
          return Outcome.PASSED;
        });
  }

  private static UnaryOperator<NDList> compile(
      Subject<Loss> subject, Criterion made, Batch batch, NDArray total) {
    NDList arguments = new NDList(batch.logits);
    arguments.add(batch.label);
    arguments.add(total);
    int count = batch.logits.size();
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

  private static Outcome trace(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 21);
          NDArray total = Trial.without(() -> total(made, batch));
          try {
            compile(subject, made, batch, total);
            return Outcome.PASSED;
          } catch (RigException e) {
            return Outcome.note(e.getMessage() + ": it runs eagerly beside the compiled network");
          }
        });
  }

  private static Outcome compiled(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          Batch batch = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 23).learning();
          NDArray total = Trial.without(() -> total(made, batch));
          UnaryOperator<NDList> program;
          try {
            program = compile(subject, made, batch, total);
          } catch (RigException e) {
            return Outcome.passed("it cannot be traced");
          }
          double eager = value(made, batch);
          List<double[]> wanted = gradients(made, batch);
          Batch second = Batch.of(manager, DataType.FLOAT32, SHAPE, PREDICTIONS, 23).learning();
          double[] number = new double[1];
          List<double[]> got =
              gradients(
                  second,
                  t -> {
                    NDList arguments = new NDList(second.logits);
                    arguments.add(second.label);
                    arguments.add(t);
                    NDArray value = program.apply(arguments).head();
                    number[0] = Numbers.values(value)[0];
                    return value;
                  },
                  total);
          Broken.unless(
              close(eager, number[0]),
              "it is %s eagerly and %s compiled; right would be the same",
              eager,
              number[0]);
          for (int t = 0; t < wanted.size(); t++) {
            double error = Numbers.error(wanted.get(t), got.get(t));
            Broken.unless(
                error <= 1e-4,
                "the gradient of prediction %d is off by %.2g once compiled; right would be the"
                    + " same",
                t + 1,
                error);
          }
          return Outcome.PASSED;
        });
  }

  private static Outcome memory(Subject<Loss> subject) {
    Criterion made = create(subject);
    return lend(
        subject,
        manager -> {
          int before = manager.getManagedArrays().size();
          for (int i = 0; i < 3; i++) {
            try (NDManager step = manager.newSubManager()) {
              Batch batch = Batch.of(step, DataType.FLOAT32, SHAPE, PREDICTIONS, 25).learning();
              gradients(made, batch);
            }
          }
          int after = manager.getManagedArrays().size();
          Broken.unless(
              after == before,
              "%d arrays stay behind after three steps; right would be that everything it makes"
                  + " belongs to the manager of its arguments",
              after - before);
          return Outcome.PASSED;
        });
  }
}
