package org.riglab.testkit.internal;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Compiler;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Precision;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Gate;
import org.riglab.api.network.Head;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Unroll;
import org.riglab.testkit.internal.Check.Outcome;

/**
 * Networks around a part that is checked.
 *
 * @param tools of Riglab
 * @param backbone the part, or a small one
 * @param backboneSpec its options
 * @param head the part, or a small one
 * @param headSpec its options
 * @param gate the part, or a small one
 * @param gateSpec its options
 * @param unroll the part, or a plain one
 * @param unrollSpec its options
 */
record Nets(
    Tools tools,
    Backbone backbone,
    PartSpec backboneSpec,
    Head head,
    PartSpec headSpec,
    Gate gate,
    PartSpec gateSpec,
    Unroll unroll,
    PartSpec unrollSpec) {
  /** Of predictions. */
  static final int CLASSES = 4;

  private static final PartSpec TINY = PartSpec.of("tiny");
  private static final double TOLERANCE = 1e-5;

  private static Nets plain(Tools tools) {
    return new Nets(
        tools,
        Partners.BACKBONE,
        TINY,
        Partners.HEAD,
        TINY,
        Partners.GATE,
        TINY,
        Partners.PARALLEL,
        TINY);
  }

  static Nets ofBackbone(Subject<Backbone> s) {
    Nets p = plain(s.tools());
    return new Nets(p.tools, s.provider(), s.spec(), p.head, TINY, p.gate, TINY, p.unroll, TINY);
  }

  static Nets ofHead(Subject<Head> s) {
    Nets p = plain(s.tools());
    return new Nets(
        p.tools, Partners.PYRAMID, TINY, s.provider(), s.spec(), p.gate, TINY, p.unroll, TINY);
  }

  static Nets ofGate(Subject<Gate> s) {
    Nets p = plain(s.tools());
    return new Nets(
        p.tools, p.backbone, TINY, p.head, TINY, s.provider(), s.spec(), p.unroll, TINY);
  }

  static Nets ofUnroll(Subject<Unroll> s) {
    Nets p = plain(s.tools());
    return new Nets(p.tools, p.backbone, TINY, p.head, TINY, p.gate, TINY, s.provider(), s.spec());
  }

  /** Makes a network and lends it. */
  <T> T assemble(
      int iterations, List<Integer> feedback, BatchNormPolicy policy, Function<Assembled, T> look) {
    NetworkSpec spec =
        new NetworkSpec(
            backboneSpec,
            headSpec,
            gateSpec,
            unrollSpec,
            feedback,
            iterations,
            CLASSES,
            policy,
            Numbers.seed(7));
    return tools
        .assembler()
        .assemble(
            spec, backbone, head, gate, unroll, network -> look.apply(new Assembled(network)));
  }

  /** Two iterations with gates at the last two blocks. */
  private <T> T usual(Function<Assembled, T> look) {
    int blocks = blocks();
    return assemble(2, List.of(blocks - 1, blocks), BatchNormPolicy.PER_ITERATION, look);
  }

  /** Of images: neither square nor even, unless the backbone asks for it. */
  private Shape size() {
    ImageSizes sizes = Broken.unless("sizes", () -> backbone.sizes(part().options()));
    return new Shape(2, 3, sizes.next(65), sizes.next(47));
  }

  private Subject<Backbone> part() {
    return new Subject<>(
        Backbone.KIND, backboneSpec.name(), backbone, backboneSpec.options(), tools);
  }

  /** Counts without values: nothing is drawn or initialised. */
  private int blocks() {
    return Broken.unless(
        "stages", () -> backbone.stages(new BackboneShape(3), part().options()).size() + 1);
  }

  /** The part does its work in whole networks, whatever batch norm does. */
  Outcome work() {
    int blocks = blocks();
    List<Integer> all = IntStream.rangeClosed(1, blocks).boxed().toList();
    for (BatchNormPolicy policy : BatchNormPolicy.values()) {
      work(1, List.of(), policy);
      work(2, all, policy);
      work(3, List.of(blocks), policy);
    }
    return Outcome.PASSED;
  }

  private void work(int iterations, List<Integer> feedback, BatchNormPolicy policy) {
    String norm = policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    Broken.in(
        "in a network with u=%d, feedback %s, batch norm %s".formatted(iterations, feedback, norm),
        () ->
            assemble(
                iterations,
                feedback,
                policy,
                network -> {
                  run(network);
                  if (policy == BatchNormPolicy.FROZEN) {
                    frozen(network);
                  }
                  return null;
                }));
  }

  /** With frozen batch norm a pass in training changes nothing. */
  private void frozen(Assembled network) {
    Map<String, double[]> before = values(network);
    double[] logits = evaluation(network, null);
    try (NDManager step = network.manager().newSubManager()) {
      NDArray other = Numbers.normal(step, DataType.FLOAT32, 2, size().getShape()).add(1);
      Trial.without(() -> network.forward(true, other));
    }
    values(network)
        .forEach(
            (name, value) ->
                Broken.unless(
                    Arrays.equals(value, before.get(name)),
                    "a pass in training changes %s: use BatchNorm2d(channels, eps, momentum) of"
                        + " org.riglab.nn, or implement RunningStatistics",
                    name));
    Broken.unless(
        Numbers.error(logits, evaluation(network, null)) <= 1e-6,
        "a pass in training changes the result of evaluation, but no parameter: statistics in a"
            + " field are neither frozen nor stored; use BatchNorm2d of org.riglab.nn, or implement"
            + " RunningStatistics");
  }

  private Outcome run(Assembled network) {
    try (NDManager step = network.manager().newSubManager()) {
      NDArray image = image(step);
      for (boolean training : new boolean[] {true, false}) {
        NDList logits = Trial.without(() -> network.forward(training, image));
        Broken.unless(
            Numbers.finite(Numbers.values(logits.get(logits.size() - 1))),
            "the logits hold NaN or infinity");
      }
      return Outcome.PASSED;
    }
  }

  private NDArray image(NDManager step) {
    return Numbers.normal(step, DataType.FLOAT32, 1, size().getShape());
  }

  // Seeds

  /** The same seed gives the same numbers. */
  Outcome seeds() {
    Map<String, double[]> first = usual(Nets::values);
    Map<String, double[]> second = usual(Nets::values);
    Broken.unless(
        first.keySet().equals(second.keySet()),
        "two networks of one spec have different parameters, %s and %s",
        first.keySet(),
        second.keySet());
    first.forEach(
        (name, value) ->
            Broken.unless(
                Arrays.equals(value, second.get(name)),
                "parameter %s starts with other values although the seed is the same; draw them in"
                    + " the parameter's initializer, with the engine's random numbers",
                name));
    return usual(
        network -> {
          double[] once = training(network);
          Broken.unless(
              Numbers.error(once, training(network)) <= 1e-6,
              "in training the same seed and input give another result; draw random numbers with"
                  + " the engine (x.getManager().randomNormal, dropout), not with"
                  + " java.util.Random");
          return Outcome.PASSED;
        });
  }

  private static Map<String, double[]> values(Assembled network) {
    Map<String, double[]> values = new LinkedHashMap<>();
    network
        .state()
        .forEach((name, parameter) -> values.put(name, Numbers.values(parameter.getArray())));
    return values;
  }

  private double[] training(Assembled network) {
    try (NDManager step = network.manager().newSubManager()) {
      step.getEngine().setRandomSeed((int) Numbers.seed(11));
      NDArray image = image(step);
      return Trial.without(
          () -> {
            NDList logits = network.forward(true, image);
            return Numbers.values(logits.get(logits.size() - 1));
          });
    }
  }

  // Compilation

  private static Compiler.Options options(boolean training, Precision precision) {
    return new Compiler.Options(training, precision, false, false);
  }

  /** A network's pass becomes a graph, in evaluation and in training. */
  Outcome trace() {
    return usual(
        network -> {
          for (boolean training : new boolean[] {false, true}) {
            try {
              tools
                  .compiler()
                  .compile(network.network(), size(), options(training, Precision.FP32));
            } catch (RigException e) {
              return Outcome.note(
                  "networks with it run operation by operation, not compiled, and cannot be"
                      + " exported%s: %s"
                          .formatted(training ? " for training" : "", e.getMessage()));
            }
          }
          return Exports.of(tools.exporter(), network.network(), size());
        });
  }

  /** Compiled passes compute what eager ones do. */
  Outcome compiled() {
    return usual(
        network -> {
          Compiler.Program program;
          try {
            program =
                tools.compiler().compile(network.network(), size(), options(false, Precision.FP32));
          } catch (RigException e) {
            return Outcome.note("it cannot be compiled: there is nothing to compare");
          }
          double[] eager = evaluation(network, null);
          double error = Numbers.error(eager, evaluation(network, program));
          double most =
              error <= TOLERANCE
                  ? TOLERANCE
                  : Rounding.tolerance(
                      TOLERANCE,
                      Rounding.within(
                          network, () -> Numbers.error(eager, evaluation(network, null))));
          Broken.unless(
              error <= most,
              "compiled, the logits differ from the eager ones by %.1e; expected at most"
                  + " %.0e: does forward depend on values, or on anything but its inputs and"
                  + " parameters?",
              error,
              most);
          String half = half(network, eager);
          return backward(network)
              ? Outcome.passed("float32 within %.0e%s".formatted(most, half))
              : Outcome.note("it compiles for evaluation only" + half);
        });
  }

  private double[] evaluation(Assembled network, Compiler.Program program) {
    try (NDManager step = network.manager().newSubManager()) {
      NDArray image = image(step);
      return Trial.without(
          () -> {
            NDList logits =
                program == null
                    ? network.forward(false, image)
                    : program.run(image, program.prepare(network.state(), step));
            return Numbers.values(logits.get(logits.size() - 1));
          });
    }
  }

  private String half(Assembled network, double[] eager) {
    try {
      Compiler.Program program =
          tools.compiler().compile(network.network(), size(), options(false, Precision.BF16));
      return ", bfloat16 within %.0e".formatted(Numbers.error(eager, evaluation(network, program)));
    } catch (RigException | EngineException | Broken e) {
      return ", not in bfloat16 on this machine";
    }
  }

  /** Compares gradients; false if the pass of training cannot be compiled. */
  private boolean backward(Assembled network) {
    Compiler.Program program;
    try {
      program = tools.compiler().compile(network.network(), size(), options(true, Precision.FP32));
    } catch (RigException e) {
      return false;
    }
    Map<String, double[]> eager = gradients(network, null);
    Map<String, double[]> compiled = gradients(network, program);
    Map<String, Double> errors = Rounding.errors(eager, compiled);
    if (errors.values().stream().allMatch(error -> error <= 10 * TOLERANCE)) {
      return true;
    }
    Map<String, Double> rounding =
        Rounding.within(network, () -> Rounding.errors(eager, gradients(network, null)));
    errors.forEach(
        (name, error) ->
            Broken.unless(
                error <= Rounding.tolerance(10 * TOLERANCE, rounding.get(name)),
                "compiled, the gradient of %s differs from the eager one by %.1e",
                name,
                error));
    return true;
  }

  private Map<String, double[]> gradients(Assembled network, Compiler.Program program) {
    network.learning().values().forEach(p -> Trial.clear(p.getArray()));
    try (NDManager step = network.manager().newSubManager()) {
      NDArray image = image(step);
      Trial.with(
          () -> {
            Compiler.TrainingPass pass =
                program == null ? null : program.start(image, network.state());
            NDList logits = pass == null ? network.forward(true, image) : pass.logits();
            NDArray answer = logits.get(logits.size() - 1);
            NDArray weights =
                Numbers.normal(step, DataType.FLOAT32, 99, answer.getShape().getShape());
            Trial.backward(answer.mul(weights).sum());
            if (pass != null) {
              pass.backward(false);
            }
            return null;
          });
    }
    Map<String, double[]> gradients = new LinkedHashMap<>();
    network
        .learning()
        .forEach(
            (name, parameter) -> {
              double[] gradient = Trial.gradient(parameter.getArray());
              if (gradient != null) {
                gradients.put(name, gradient);
              }
            });
    return gradients;
  }
}
