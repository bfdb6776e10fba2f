package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.riglab.testkit.internal.Check.Outcome;

/** What holds for everything that computes arrays from arrays and parameters. */
final class Laws {
  private Laws() {}

  private static <T> T plain(Probe probe, java.util.function.Function<Trial, T> use) {
    return probe.lend(DataType.FLOAT32, Device.cpu(), use);
  }

  /** A random projection of everything that comes out. */
  private static NDArray loss(Probe probe, NDList result, NDManager step, DataType type) {
    NDArray loss = null;
    long seed = 99;
    for (NDArray array : probe.results(result, probe.words(probe.inputs()) + " in training")) {
      NDArray weights = Numbers.normal(step, type, seed++, array.getShape().getShape());
      NDArray share = array.mul(weights).sum();
      loss = loss == null ? share : loss.add(share);
    }
    return loss;
  }

  /** Gradients reach every parameter and the first input. */
  static Outcome gradient(Probe probe) {
    return plain(
        probe,
        trial -> {
          try (NDManager step = trial.manager().newSubManager()) {
            trial.stir();
            NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 1, probe.inputs());
            inputs[0].setRequiresGradient(true);
            back(probe, trial, step, DataType.FLOAT32, inputs);
            for (Map.Entry<String, Parameter> entry : trial.learning().entrySet()) {
              reached(
                  entry.getKey(),
                  Trial.gradient(entry.getValue().getArray()),
                  "use it in forward, or make it with optRequiresGrad(false)");
            }
            reached(
                probe.name(0),
                Trial.gradient(inputs[0]),
                "what lies in front learns through " + probe.name(0));
            int count = trial.learning().size();
            return Outcome.passed(count == 0 ? "it has no parameters" : count + " parameters");
          }
        });
  }

  private static void back(
      Probe probe, Trial trial, NDManager step, DataType type, NDArray... inputs) {
    Trial.with(
        () -> {
          NDArray loss = loss(probe, trial.forward(true, inputs), step, type);
          Broken.unless(
              "the way back from the result",
              () -> {
                Trial.backward(loss);
                return null;
              });
          return null;
        });
  }

  private static void reached(String name, double[] gradient, String right) {
    Broken.unless(gradient != null, "no gradient reaches %s: %s", name, right);
    Broken.unless(
        Numbers.finite(gradient),
        "the gradient of %s holds NaN or infinity, although all numbers that go in are small",
        name);
    Broken.unless(
        Arrays.stream(gradient).anyMatch(g -> g != 0),
        "the gradient of %s is zero everywhere: %s",
        name,
        right);
  }

  /** The same inputs give the same result, whatever happened meanwhile. */
  static Outcome state(Probe probe) {
    return plain(
        probe,
        trial -> {
          double[] first = evaluate(probe, trial, probe.inputs(), 1);
          double[] parameters = parameters(trial);
          evaluate(probe, trial, probe.others(), 5);
          same(
              first,
              evaluate(probe, trial, probe.inputs(), 1),
              "after a call with " + probe.words(probe.others()));
          Broken.unless(
              Arrays.equals(parameters, parameters(trial)),
              "evaluation changes a parameter; right would be that only training does");
          plain(
              probe,
              twin -> {
                distinct(trial, twin);
                twin.stir();
                try (NDManager step = twin.manager().newSubManager()) {
                  NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 5, probe.others());
                  Trial.without(() -> twin.forward(true, inputs));
                }
                same(
                    first,
                    evaluate(probe, trial, probe.inputs(), 1),
                    "after another one made by the part was trained");
                return null;
              });
          return Outcome.PASSED;
        });
  }

  private static void distinct(Trial trial, Trial twin) {
    trial
        .state()
        .forEach(
            (name, parameter) ->
                Broken.unless(
                    twin.state().get(name) != parameter,
                    "two networks share the parameter %s; right would be new blocks at each call",
                    name));
  }

  private static double[] parameters(Trial trial) {
    return trial.state().values().stream()
        .flatMapToDouble(parameter -> Arrays.stream(Numbers.values(parameter.getArray())))
        .toArray();
  }

  /** Everything that comes out in evaluation. */
  private static double[] evaluate(Probe probe, Trial trial, List<Shape> shapes, long seed) {
    try (NDManager step = trial.manager().newSubManager()) {
      NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, seed, shapes);
      return Trial.without(() -> values(probe, trial.forward(false, inputs), shapes));
    }
  }

  private static double[] values(Probe probe, NDList result, List<Shape> shapes) {
    List<double[]> all = new ArrayList<>();
    probe.results(result, probe.words(shapes)).forEach(array -> all.add(Numbers.values(array)));
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private static void same(double[] first, double[] again, String when) {
    Broken.unless(
        first.length == again.length && Numbers.error(first, again) <= 1e-6,
        "the same input gives another result %s (relative difference %.1e); right would be that"
            + " evaluation depends on inputs and parameters alone",
        when,
        first.length == again.length ? Numbers.error(first, again) : Double.NaN);
  }

  /** Inputs are as they were, and open. */
  static Outcome inputs(Probe probe) {
    return plain(
        probe,
        trial -> {
          try (NDManager step = trial.manager().newSubManager()) {
            NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 1, probe.inputs());
            double[][] before = Arrays.stream(inputs).map(Numbers::values).toArray(double[][]::new);
            for (boolean training : new boolean[] {false, true}) {
              Trial.without(() -> trial.forward(training, inputs));
              String when = training ? " in training" : " in evaluation";
              for (int i = 0; i < inputs.length; i++) {
                Broken.unless(
                    !inputs[i].isReleased(),
                    "forward closes %s%s, which belongs to the caller",
                    probe.name(i),
                    when);
                Broken.unless(
                    Arrays.equals(before[i], Numbers.values(inputs[i])),
                    "forward changes the values of %s%s; use mul and add, not muli and addi, on"
                        + " what is passed in",
                    probe.name(i),
                    when);
              }
            }
            return Outcome.PASSED;
          }
        });
  }
}
