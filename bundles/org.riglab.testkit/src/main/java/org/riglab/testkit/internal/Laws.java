package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.riglab.testkit.internal.Check.Outcome;

/** What holds for everything that computes arrays from arrays and parameters. */
final class Laws {
  private static final NDIndex ALL = new NDIndex("...");

  private static final long WARM_NANOS = 500_000_000;
  private static final int LEAST_CALLS = 6;
  private static final int MOST_CALLS = 40;

  private Laws() {}

  /** In float32 on the CPU, which every network can. */
  static <T> T plain(Probe probe, Function<Trial, T> use) {
    return probe.lend(DataType.FLOAT32, Device.cpu(), use);
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
              "evaluation changes a parameter; only training may change parameters");
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
                    "two networks share the parameter %s; expected new blocks at each call",
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
      return Trial.without(() -> values(probe, trial.forward(false, inputs)));
    }
  }

  private static double[] values(Probe probe, NDList result) {
    List<double[]> all = new ArrayList<>();
    probe.results(result).forEach(array -> all.add(Numbers.values(array)));
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private static void same(double[] first, double[] again, String when) {
    Broken.unless(
        first.length == again.length && Numbers.error(first, again) <= 1e-6,
        "the same input gives another result %s (relative difference %.1e); evaluation must depend"
            + " on inputs and parameters only",
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

  // Types and devices

  /** What goes in in a type comes out in it, with the same values. */
  static Outcome types(Probe probe) {
    double[] wanted = plain(probe, trial -> evaluate(probe, trial, probe.inputs(), 1));
    List<float[]> parameters =
        plain(
            probe,
            trial ->
                trial.state().values().stream().map(p -> p.getArray().toFloatArray()).toList());
    double error = Numbers.error(wanted, typed(probe, DataType.FLOAT64, Device.cpu(), parameters));
    Broken.unless(
        error <= 1e-4,
        "in float64 the result differs from that in float32 by %.1e; expected rounding only",
        error);
    return Outcome.passed("float32, float64");
  }

  private static double[] typed(
      Probe probe, DataType type, Device device, List<float[]> parameters) {
    String name = type.name().toLowerCase(Locale.ROOT);
    return probe.lend(
        type,
        device,
        trial -> {
          int next = 0;
          for (Parameter parameter : trial.state().values()) {
            set(trial, parameter.getArray(), parameters.get(next++));
          }
          try (NDManager step = trial.manager().newSubManager()) {
            NDArray[] inputs = Probe.arrays(step, type, 1, probe.inputs());
            return Trial.without(
                () -> {
                  NDList result =
                      Broken.in("with inputs in " + name, () -> trial.forward(false, inputs));
                  for (NDArray array : probe.results(result)) {
                    Broken.unless(
                        array.getDataType() == type,
                        "with inputs and parameters in %s the result is in %s; make arrays in"
                            + " x.getDataType()",
                        name,
                        array.getDataType().name().toLowerCase(Locale.ROOT));
                  }
                  return values(probe, result);
                });
          }
        });
  }

  private static void set(Trial trial, NDArray array, float[] values) {
    Trial.without(
        () -> {
          try (NDArray floats = trial.manager().create(values, array.getShape());
              NDArray typed = floats.toType(array.getDataType(), true)) {
            array.set(ALL, typed);
          }
          return null;
        });
  }

  /** Arrays are made where the inputs are. */
  static Outcome devices(Probe probe, Code code) throws IOException {
    Optional<String> call =
        code.calling(
            "ai[.]djl[.]Device[.](cpu|gpu|of|fromName)|ai[.]djl[.](ndarray[.]NDManager|engine[.]Engine)"
                + "[.](newBaseManager|getInstance|getEngine)");
    Broken.unless(
        call.isEmpty(),
        "%s: arrays made so are on one device, whatever the network is on; take x.getManager() and"
            + " x.getDevice()",
        call.orElse(""));
    if (CudaUtils.getGpuCount() == 0) {
      return Outcome.passed("its code names no device; no GPU on this machine to try");
    }
    List<float[]> parameters =
        plain(
            probe,
            trial ->
                trial.state().values().stream().map(p -> p.getArray().toFloatArray()).toList());
    double[] wanted = typed(probe, DataType.FLOAT32, Device.cpu(), parameters);
    double error = Numbers.error(wanted, typed(probe, DataType.FLOAT32, Device.gpu(), parameters));
    Broken.unless(
        error <= 1e-3,
        "on the GPU the result differs from that on the CPU by %.1e; expected rounding only",
        error);
    return Outcome.passed("on CPU and GPU");
  }

  // Memory

  /** Many steps need no more memory than few. */
  static Outcome frees(Probe probe) {
    if (Memory.resident().isEmpty()) {
      return Outcome.note("this system does not report the memory of a process: not checked");
    }
    return plain(
        probe,
        trial -> {
          System.gc();
          long deadline = System.nanoTime() + WARM_NANOS;
          int calls = 0;
          while (calls < MOST_CALLS && (calls < LEAST_CALLS || System.nanoTime() < deadline)) {
            step(probe, trial);
            calls++;
          }
          int steps = calls;
          Growth growth =
              Growth.measure(
                  probe.large().get(0).size(), // a quarter of its bytes
                  steps,
                  () -> {
                    for (int i = 0; i < steps; i++) {
                      step(probe, trial);
                    }
                  },
                  Memory::settled);
          Broken.unless(
              !growth.leak(),
              "memory grows by %d KiB per step; make arrays with x.getManager(), and keep none"
                  + " after the step",
              growth.perStep() >> 10);
          return Outcome.passed(growth.steps() + " steps");
        });
  }

  // Random numbers are the engine's: garbage of the Java heap would be counted too.
  private static void step(Probe probe, Trial trial) {
    try (NDManager step = trial.manager().newSubManager()) {
      NDArray[] inputs = probe.large().stream().map(step::randomNormal).toArray(NDArray[]::new);
      Trial.without(() -> trial.forward(false, inputs));
      Trial.with(
          () -> {
            NDArray loss = null;
            for (NDArray array : probe.results(trial.forward(true, inputs))) {
              NDArray share = array.mul(array).sum();
              loss = loss == null ? share : loss.add(share);
            }
            if (!trial.learning().isEmpty()) {
              Trial.backward(loss);
            }
            return null;
          });
    }
  }
}
