package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.riglab.testkit.internal.Check.Outcome;

/** What holds for the gradients of everything that computes arrays from arrays and parameters. */
final class GradientLaws {
  /** Seed of what is drawn in training: the same noise at each point. */
  private static final int DRAWS = 3;

  /** Values of parameters and inputs for which gradients are looked at, at most. */
  private static final int POINTS = 5;

  private static final String USE = "use it in forward, or make it with optRequiresGrad(false)";

  private GradientLaws() {}

  /**
   * Gradients reach every parameter and the first input, for some values of parameters and inputs:
   * a few hidden units may be dead for the first ones.
   */
  static Outcome gradient(Probe probe) {
    return Laws.plain(
        probe,
        trial -> {
          Map<String, String> missing = new LinkedHashMap<>();
          trial.learning().keySet().forEach(name -> missing.put(name, USE));
          missing.put(probe.name(0), "what lies in front learns through " + probe.name(0));
          for (int draw = 0; draw < POINTS && !missing.isEmpty(); draw++) {
            trial.stir(draw);
            boolean last = draw == POINTS - 1;
            try (NDManager step = trial.manager().newSubManager()) {
              NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 1 + draw, probe.inputs());
              inputs[0].setRequiresGradient(true);
              back(probe, trial, step, DataType.FLOAT32, inputs);
              Map<String, NDArray> values = new LinkedHashMap<>();
              trial.learning().forEach((name, value) -> values.put(name, value.getArray()));
              values.put(probe.name(0), inputs[0]);
              missing
                  .entrySet()
                  .removeIf(
                      entry ->
                          reached(
                              entry.getKey(),
                              Trial.gradient(values.get(entry.getKey())),
                              entry.getValue(),
                              last));
            }
          }
          int count = trial.learning().size();
          return Outcome.passed(count == 0 ? "it has no parameters" : count + " parameters");
        });
  }

  /** Gradients are the slopes that finite differences show, also along the inputs. */
  static Outcome slope(Probe probe, Code code) throws IOException {
    Optional<String> cuts = code.calling("ai[.]djl[.]ndarray[.]NDArray[.]stopGradient");
    boolean reads =
        code.calling("ai[.]djl[.]ndarray[.]NDArray[.](to\\w*Array|get(Float|Double))").isPresent();
    DataType type = probe.types().contains(DataType.FLOAT64) ? DataType.FLOAT64 : DataType.FLOAT32;
    return probe.lend(
        type,
        Device.cpu(),
        trial -> {
          try (NDManager manager = trial.manager().newSubManager()) {
            trial.stir();
            NDArray[] inputs = Probe.arrays(manager, type, 1, probe.small());
            Map<String, NDArray> variables = new LinkedHashMap<>();
            for (int i = 0; i < inputs.length; i++) {
              inputs[i].setRequiresGradient(true);
              variables.put(probe.name(i), inputs[i]);
            }
            trial.learning().forEach((name, value) -> variables.put(name, value.getArray()));
            manager.getEngine().setRandomSeed((int) Numbers.seed(DRAWS));
            back(probe, trial, manager, type, inputs);
            Optional<String> wrong =
                Trial.without(
                    () ->
                        new Differences(() -> at(probe, trial, type, inputs), type, reads)
                            .wrong(manager, variables));
            if (wrong.isEmpty()) {
              return Outcome.PASSED;
            }
            if (cuts.isPresent()) {
              return Outcome.note(wrong.get() + "; " + cuts.get() + ", so that may be meant");
            }
            throw new Broken(
                wrong.get()
                    + "; does forward go through Java numbers, or use NDArray.mul(Number), whose"
                    + " gradient is wrong after a garbage collection (Functional.times is right)?");
          }
        });
  }

  /** A random projection of everything that comes out. */
  private static NDArray loss(Probe probe, NDList result, NDManager step, DataType type) {
    NDArray loss = null;
    long seed = 99;
    for (NDArray array : probe.results(result)) {
      NDArray weights = Numbers.normal(step, type, seed++, array.getShape().getShape());
      NDArray share = array.mul(weights).sum();
      loss = loss == null ? share : loss.add(share);
    }
    return loss;
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

  /**
   * @param last whether a gradient that is zero is wrong
   * @return whether it is not zero
   */
  private static boolean reached(String name, double[] gradient, String right, boolean last) {
    Broken.unless(gradient != null, "no gradient reaches %s: %s", name, right);
    Broken.unless(
        Numbers.finite(gradient),
        "the gradient of %s holds NaN or infinity, although all numbers that go in are small",
        name);
    boolean reached = Arrays.stream(gradient).anyMatch(g -> g != 0);
    Broken.unless(reached || !last, "the gradient of %s is zero everywhere: %s", name, right);
    return reached;
  }

  /** The loss for the values that inputs and parameters have now. */
  private static double at(Probe probe, Trial trial, DataType type, NDArray... inputs) {
    try (NDManager step = trial.manager().newSubManager()) {
      step.getEngine().setRandomSeed((int) Numbers.seed(DRAWS));
      NDList result = trial.forward(true, attached(step, inputs));
      return Numbers.values(loss(probe, result, step, type))[0];
    }
  }

  /** The same values, so that what is made of them goes with another manager. */
  private static NDArray[] attached(NDManager manager, NDArray... inputs) {
    return Arrays.stream(inputs)
        .map(
            input -> {
              NDArray copy = input.duplicate();
              copy.attach(manager);
              return copy;
            })
        .toArray(NDArray[]::new);
  }
}
