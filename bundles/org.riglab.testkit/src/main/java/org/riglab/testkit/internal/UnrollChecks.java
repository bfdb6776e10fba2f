package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of unroll strategies. */
public final class UnrollChecks {
  /** Predictions have the classes and the size of the last block's output. */
  public static final Check<Subject<Unroll>> LOGITS =
      new Check<>("everyPredictionIsLogits", UnrollChecks::logits);

  /** Blocks and gates run as planned. */
  public static final Check<Subject<Unroll>> RUNS =
      new Check<>("blocksRunAsPlanned", UnrollChecks::runs);

  /** One iteration is the plain network. */
  public static final Check<Subject<Unroll>> ONE =
      new Check<>("oneIterationIsFeedForward", UnrollChecks::one);

  /** More iterations have no more weights. */
  public static final Check<Subject<Unroll>> SHARED =
      new Check<>("iterationsShareWeights", UnrollChecks::shared);

  /** Everything that can learn does, and so does what lies in front. */
  public static final Check<Subject<Unroll>> GRADIENT =
      new Check<>("gradientReachesEveryParameter", s -> GradientLaws.gradient(new Network(s)));

  /** Evaluation depends on inputs and parameters alone. */
  public static final Check<Subject<Unroll>> STATE =
      new Check<>("keepsNothingBetweenCalls", s -> Laws.state(new Network(s)));

  /** Inputs belong to the caller. */
  public static final Check<Subject<Unroll>> INPUTS =
      new Check<>("leavesItsInputsAlone", s -> Laws.inputs(new Network(s)));

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Unroll>> SLOPE =
      new Check<>("gradientIsTheSlope", s -> GradientLaws.slope(new Network(s), code(s)));

  /** Wherever the network is. */
  public static final Check<Subject<Unroll>> DEVICES =
      new Check<>("computesOnTheDeviceOfItsInputs", s -> Laws.devices(new Network(s), code(s)));

  /** Whole networks, whatever batch norm does. */
  public static final Check<Subject<Unroll>> NETWORKS =
      new Check<>("worksInNetworks", s -> Nets.ofUnroll(s).work());

  /** The same seed gives the same numbers. */
  public static final Check<Subject<Unroll>> SEEDS =
      new Check<>("sameSeedSameNumbers", s -> Nets.ofUnroll(s).seeds());

  /** Networks can be compiled and exported. */
  public static final Check<Subject<Unroll>> TRACE =
      new Check<>("tracesToAGraph", s -> Nets.ofUnroll(s).trace());

  /** Compiled passes compute what eager ones do. */
  public static final Check<Subject<Unroll>> COMPILED =
      new Check<>("compiledEqualsEager", s -> Nets.ofUnroll(s).compiled());

  /** Many steps need no more memory than few. */
  public static final Check<Subject<Unroll>> MEMORY =
      new Check<>("freesWhatItMakes", s -> Laws.frees(new Network(s)));

  /** All checks. */
  public static final List<Check<Subject<Unroll>>> ALL =
      List.of(
          LOGITS, RUNS, ONE, SHARED, GRADIENT, STATE, INPUTS, SLOPE, DEVICES, NETWORKS, SEEDS,
          TRACE, COMPILED, MEMORY);

  private static final int CLASSES = 4;
  private static final int BLOCKS = 3;
  private static final int STRIDE = 4;
  private static final int MOST = 4; // iterations
  private static final Shape IMAGE = new Shape(2, 3, 33, 47);

  private UnrollChecks() {}

  private static Code code(Subject<Unroll> subject) {
    return Code.of(subject.provider(), List.of());
  }

  private static NetworkSpec spec(Subject<Unroll> subject, int iterations, List<Integer> feedback) {
    return new NetworkSpec(
        PartSpec.of("tiny"),
        PartSpec.of("tiny"),
        PartSpec.of("tiny"),
        subject.spec(),
        feedback,
        iterations,
        CLASSES,
        BatchNormPolicy.SHARED,
        7);
  }

  private static <T> T assemble(
      Subject<Unroll> subject,
      int iterations,
      List<Integer> feedback,
      Function<Blueprint, T> look) {
    return subject
        .tools()
        .assembler()
        .assemble(
            spec(subject, iterations, feedback),
            Partners.BACKBONE,
            Partners.HEAD,
            Partners.GATE,
            subject.provider(),
            look);
  }

  private static String words(int iterations, List<Integer> feedback) {
    return "u=%d, feedback %s".formatted(iterations, feedback);
  }

  /** Networks that a strategy must be able to run. */
  private interface Look {
    void at(int iterations, List<Integer> feedback, Blueprint network);
  }

  private static void each(Subject<Unroll> subject, Look look) {
    for (int u = 1; u <= MOST; u++) {
      for (List<Integer> feedback : List.of(List.of(2, 3), List.of(1, 2, 3), List.of(3))) {
        int iterations = u;
        assemble(
            subject,
            u,
            feedback,
            network -> {
              look.at(iterations, feedback, network);
              return null;
            });
      }
    }
  }

  private static NDList forward(
      Blueprint network, NDArray image, boolean training, Listener listener) {
    return Trial.without(() -> network.forward(Trial.STORE, image, training, listener));
  }

  private static NDManager step(Blueprint network) {
    return new Assembled(network).manager().newSubManager();
  }

  private static Outcome logits(Subject<Unroll> subject) {
    Set<String> counts = new HashSet<>();
    each(
        subject,
        (u, feedback, network) -> {
          try (NDManager step = step(network)) {
            NDArray image = Numbers.normal(step, DataType.FLOAT32, 1, IMAGE.getShape());
            NDList logits = forward(network, image, false, Assembled.QUIET);
            String when = words(u, feedback);
            Broken.unless(
                logits.size() == 1 || logits.size() == u,
                "%s gives %d predictions; right would be one per iteration, or one at the end",
                when,
                logits.size());
            counts.add(
                logits.size() == 1 && u > 1 ? "one prediction" : "one prediction per iteration");
            Shape right =
                new Shape(
                    IMAGE.get(0),
                    CLASSES,
                    (IMAGE.get(2) + STRIDE - 1) / STRIDE,
                    (IMAGE.get(3) + STRIDE - 1) / STRIDE);
            for (NDArray array : logits) {
              Broken.unless(
                  array.getShape().equals(right),
                  "%s gives a prediction %s; right would be logits at the network's stride, %s",
                  when,
                  array.getShape(),
                  right);
              Broken.unless(
                  Numbers.finite(Numbers.values(array)),
                  "%s gives NaN or infinity with fresh parameters",
                  when);
            }
          }
        });
    counts.remove(counts.size() > 1 ? "one prediction per iteration" : "");
    return Outcome.passed(String.join(", ", counts));
  }

  private static Outcome runs(Subject<Unroll> subject) {
    each(
        subject,
        (u, feedback, network) -> {
          String when = words(u, feedback);
          UnrollSpec spec = new UnrollSpec(u, feedback);
          Map<Integer, GateShape> planned = planned(subject, spec, network.stages());
          try (NDManager step = step(network)) {
            NDArray image = Numbers.normal(step, DataType.FLOAT32, 1, IMAGE.getShape());
            Counter counter = new Counter(when, u, planned);
            forward(network, image, false, counter);
            for (int k = 1; k <= BLOCKS; k++) {
              int block = k;
              int said =
                  Broken.unless(
                      "applications",
                      () -> subject.provider().applications(spec, block, subject.options()));
              int ran = counter.blocks.getOrDefault(k, 0);
              Broken.unless(
                  said == ran,
                  "%s: block %d runs %d times, but applications says %d; batch norm keeps its"
                      + " statistics by that number",
                  when,
                  k,
                  ran,
                  said);
            }
            planned
                .keySet()
                .forEach(
                    k ->
                        Broken.unless(
                            u == 1 || counter.gates.contains(k),
                            "%s: the gate planned at block %d is never called",
                            when,
                            k));
          }
        });
    return Outcome.PASSED;
  }

  private static Map<Integer, GateShape> planned(
      Subject<Unroll> subject, UnrollSpec spec, List<Stage> stages) {
    Map<Integer, GateShape> planned = new HashMap<>();
    List<GateShape> shapes =
        Broken.unless("gates", () -> subject.provider().gates(spec, stages, subject.options()));
    for (GateShape shape : shapes) {
      Broken.unless(
          shape.block() >= 1
              && shape.block() <= stages.size()
              && planned.put(shape.block(), shape) == null,
          "gates plans a gate at block %d twice, or where there is no block",
          shape.block());
      int channels = stages.get(shape.block() - 1).inputChannels();
      Broken.unless(
          shape.inputChannels() == channels,
          "gates plans %d input channels at block %d; right would be the block's, %d",
          shape.inputChannels(),
          shape.block(),
          channels);
    }
    return planned;
  }

  private static Outcome one(Subject<Unroll> subject) {
    int channels =
        subject
            .provider()
            .inputChannels(new UnrollSpec(1, List.of(2, 3)), CLASSES, subject.options());
    Broken.unless(
        channels >= 3, "inputChannels says %d; right would be 3, the image's, or more", channels);
    if (channels > 3) {
      return Outcome.passed("it feeds %d channels beside the image".formatted(channels - 3));
    }
    return assemble(
        subject,
        1,
        List.of(2, 3),
        network -> {
          try (NDManager step = step(network)) {
            NDArray image = Numbers.normal(step, DataType.FLOAT32, 1, IMAGE.getShape());
            NDList got = forward(network, image, false, Assembled.QUIET);
            NDList x = new NDList(image);
            for (Stage stage : network.stages()) {
              NDList before = x;
              x = Trial.without(() -> stage.block().forward(Trial.STORE, before, false));
            }
            double error =
                Numbers.error(Numbers.values(x.head()), Numbers.values(got.get(got.size() - 1)));
            Broken.unless(
                error <= 1e-6,
                "with u=1 the prediction differs from that of all blocks in a row (relative"
                    + " difference %.1e); right would be the plain network",
                error);
            return Outcome.PASSED;
          }
        });
  }

  private static Outcome shared(Subject<Unroll> subject) {
    List<String> few =
        assemble(subject, 1, List.of(2, 3), network -> List.copyOf(network.state().keySet()));
    List<String> many =
        assemble(subject, MOST, List.of(2, 3), network -> List.copyOf(network.state().keySet()));
    Broken.unless(
        few.equals(many),
        "with u=%d the network has %d parameters, with u=1 %d; right would be that iterations"
            + " share their weights",
        MOST,
        many.size(),
        few.size());
    return Outcome.PASSED;
  }

  /** Counts what runs, and looks at what gates are given. */
  private static final class Counter implements Listener {
    final Map<Integer, Integer> blocks = new HashMap<>();
    final Set<Integer> gates = new HashSet<>();
    private final String when;
    private final int iterations;
    private final Map<Integer, GateShape> planned;

    Counter(String when, int iterations, Map<Integer, GateShape> planned) {
      this.when = when;
      this.iterations = iterations;
      this.planned = planned;
    }

    @Override
    public void enter(boolean gate, int block, int iteration, NDList inputs) {
      String what = "%s: %s %d".formatted(when, gate ? "gate" : "block", block);
      Broken.unless(
          iteration >= (gate ? 2 : 1) && iteration <= iterations,
          "%s runs in iteration %d; right would be %d to %d",
          what,
          iteration,
          gate ? 2 : 1,
          iterations);
      if (!gate) {
        blocks.merge(block, 1, Integer::sum);
        return;
      }
      gates.add(block);
      List<Integer> fed = new ArrayList<>();
      inputs.stream().skip(1).forEach(array -> fed.add((int) array.getShape().get(1)));
      Broken.unless(
          fed.equals(planned.get(block).feedbackChannels()),
          "%s is fed %s channels, but gates plans %s",
          what,
          fed,
          planned.get(block).feedbackChannels());
    }

    @Override
    public void leave(NDList outputs) {
      // shapes of outputs are the network's to check
    }
  }

  /** A small network of two iterations with gates at its last two blocks. */
  private record Network(Subject<Unroll> subject) implements Probe {
    @Override
    public <T> T lend(DataType type, Device device, Function<Trial, T> use) {
      return assemble(subject, 2, List.of(2, 3), network -> use.apply(new Assembled(network)));
    }

    @Override
    public List<Shape> inputs() {
      return List.of(IMAGE);
    }

    @Override
    public List<Shape> others() {
      return List.of(new Shape(1, 3, 21, 29));
    }

    @Override
    public List<Shape> large() {
      return List.of(new Shape(2, 3, 160, 192));
    }

    @Override
    public Set<DataType> types() {
      return Set.of(DataType.FLOAT32); // what a network is assembled in
    }

    @Override
    public String name(int input) {
      return "the image";
    }

    @Override
    public List<NDArray> results(NDList result) {
      return result;
    }
  }
}
