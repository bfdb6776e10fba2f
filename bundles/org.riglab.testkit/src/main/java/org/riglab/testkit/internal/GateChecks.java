package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of gates. */
public final class GateChecks {
  /** Odd and even sizes, one image and two, feedback smaller, larger and of one pixel. */
  public static final Check<Subject<Gate>> SHAPE =
      new Check<>("resultHasTheShapeOfItsInput", GateChecks::shape);

  /** Long-range feedbacks beside the main one. */
  public static final Check<Subject<Gate>> SEVERAL =
      new Check<>("takesSeveralFeedbacks", GateChecks::several);

  /** Everything that can learn does, and so does what lies in front. */
  public static final Check<Subject<Gate>> GRADIENT =
      new Check<>("gradientReachesEveryParameter", s -> GradientLaws.gradient(new Plain(s)));

  /** Evaluation depends on inputs and parameters alone. */
  public static final Check<Subject<Gate>> STATE =
      new Check<>("keepsNothingBetweenCalls", s -> Laws.state(new Plain(s)));

  /** Inputs belong to the caller. */
  public static final Check<Subject<Gate>> INPUTS =
      new Check<>("leavesItsInputsAlone", s -> Laws.inputs(new Plain(s)));

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Gate>> SLOPE =
      new Check<>("gradientIsTheSlope", s -> GradientLaws.slope(new Plain(s), code(s)));

  /** float32 and float64 at least. */
  public static final Check<Subject<Gate>> TYPES =
      new Check<>("computesInTheTypeOfItsInputs", s -> Laws.types(new Plain(s)));

  /** Wherever the network is. */
  public static final Check<Subject<Gate>> DEVICES =
      new Check<>("computesOnTheDeviceOfItsInputs", s -> Laws.devices(new Plain(s), code(s)));

  /** Whole networks, whatever batch norm does. */
  public static final Check<Subject<Gate>> NETWORKS =
      new Check<>("worksInNetworks", s -> Nets.ofGate(s).work());

  /** The same seed gives the same numbers. */
  public static final Check<Subject<Gate>> SEEDS =
      new Check<>("sameSeedSameNumbers", s -> Nets.ofGate(s).seeds());

  /** Networks can be compiled and exported. */
  public static final Check<Subject<Gate>> TRACE =
      new Check<>("tracesToAGraph", s -> Nets.ofGate(s).trace());

  /** Compiled passes compute what eager ones do. */
  public static final Check<Subject<Gate>> COMPILED =
      new Check<>("compiledEqualsEager", s -> Nets.ofGate(s).compiled());

  /** Many steps need no more memory than few. */
  public static final Check<Subject<Gate>> MEMORY =
      new Check<>("freesWhatItMakes", s -> Laws.frees(new Plain(s)));

  /** All checks. */
  public static final List<Check<Subject<Gate>>> ALL =
      List.of(
          SHAPE, SEVERAL, GRADIENT, STATE, INPUTS, SLOPE, TYPES, DEVICES, NETWORKS, SEEDS, TRACE,
          COMPILED, MEMORY);

  private static final int BLOCK = 2;

  /** x, then the feedback. */
  private static final List<List<Shape>> CASES =
      List.of(
          List.of(new Shape(2, 6, 33, 47), new Shape(2, 4, 17, 24)),
          List.of(new Shape(1, 6, 33, 47), new Shape(1, 4, 33, 47)),
          List.of(new Shape(1, 5, 16, 24), new Shape(1, 7, 8, 12)),
          List.of(new Shape(2, 3, 65, 49), new Shape(2, 21, 3, 2)),
          List.of(new Shape(2, 4, 9, 13), new Shape(2, 4, 31, 27)),
          List.of(new Shape(1, 8, 5, 1), new Shape(1, 2, 1, 1)));

  private GateChecks() {}

  private static Code code(Subject<Gate> subject) {
    return Code.of(subject.provider(), List.of(create(subject, shape(CASES.get(0)))));
  }

  private static Block create(Subject<Gate> subject, GateShape shape) {
    Block block =
        Broken.unless("create", () -> subject.provider().create(shape, subject.options()));
    Broken.unless(block != null, "create returns null; expected a new block");
    return block;
  }

  private static GateShape shape(List<Shape> inputs) {
    return new GateShape(
        BLOCK,
        (int) inputs.get(0).get(1),
        inputs.stream().skip(1).map(feedback -> (int) feedback.get(1)).toList());
  }

  private static <T> T lend(
      Subject<Gate> subject,
      GateShape shape,
      DataType type,
      Device device,
      Function<Trial, T> use) {
    Block block = create(subject, shape);
    Broken.unless(
        block != create(subject, shape),
        "create returns the same block twice; expected a new one at each call");
    List<Shape> inputs = new ArrayList<>(List.of(new Shape(1, shape.inputChannels(), 32, 32)));
    shape.feedbackChannels().forEach(channels -> inputs.add(new Shape(1, channels, 16, 16)));
    return Lone.lend(
        subject.tools().assembler(),
        List.of("gates." + shape.block() + "."),
        List.of(block),
        type,
        device,
        inputs,
        use);
  }

  private static String words(List<Shape> inputs) {
    StringBuilder words = new StringBuilder("x ").append(inputs.get(0));
    inputs.stream().skip(1).forEach(shape -> words.append(", feedback ").append(shape));
    return words.toString();
  }

  private static NDArray only(NDList result) {
    Broken.unless(
        result != null && result.size() == 1,
        "forward returns %s; expected NDList(gated x)",
        result == null ? "null" : result.size() + " arrays");
    return result.head();
  }

  private static Outcome shape(Subject<Gate> subject) {
    CASES.forEach(inputs -> shape(subject, inputs));
    return Outcome.PASSED;
  }

  private static void shape(Subject<Gate> subject, List<Shape> shapes) {
    lend(
        subject,
        shape(shapes),
        DataType.FLOAT32,
        Device.cpu(),
        trial -> {
          for (boolean training : new boolean[] {false, true}) {
            String where = "for " + words(shapes) + (training ? " in training" : "");
            Broken.in(where, () -> shape(trial, training, shapes));
          }
          return null;
        });
  }

  private static Outcome shape(Trial trial, boolean training, List<Shape> shapes) {
    try (NDManager step = trial.manager().newSubManager()) {
      NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 1, shapes);
      NDArray result = Trial.without(() -> only(trial.forward(training, inputs)));
      Broken.unless(
          result.getShape().equals(shapes.get(0)),
          "the result is %s; expected the shape of x, %s",
          result.getShape(),
          shapes.get(0));
      Broken.unless(
          Numbers.finite(Numbers.values(result)),
          "the result holds NaN or infinity, although inputs are normal numbers and parameters are"
              + " fresh");
      return Outcome.PASSED;
    }
  }

  private static Outcome several(Subject<Gate> subject) {
    List<Shape> inputs = new ArrayList<>(CASES.get(0));
    for (Shape more : List.of(new Shape(2, 5, 9, 12), new Shape(2, 3, 5, 6))) {
      inputs.add(more);
      try {
        subject.provider().create(shape(inputs), subject.options());
      } catch (RigException e) {
        if (inputs.size() > 3) {
          break; // no built-in strategy gives more
        }
        return Outcome.note(
            "it refuses two feedbacks (%s): unroll strategies that give a long-range one, such as"
                    .formatted(e.getMessage())
                + " parallel-multi-range, cannot use it");
      }
      shape(subject, List.copyOf(inputs));
    }
    return Outcome.PASSED;
  }

  /** A gate on its own, with one feedback. */
  private record Plain(Subject<Gate> subject) implements Probe {
    @Override
    public <T> T lend(DataType type, Device device, Function<Trial, T> use) {
      return GateChecks.lend(subject, GateChecks.shape(inputs()), type, device, use);
    }

    @Override
    public List<Shape> inputs() {
      return CASES.get(0);
    }

    @Override
    public List<Shape> others() {
      return List.of(new Shape(1, 6, 20, 15), new Shape(1, 4, 40, 30));
    }

    @Override
    public List<Shape> large() {
      return List.of(new Shape(2, 6, 192, 192), new Shape(2, 4, 96, 96));
    }

    @Override
    public String name(int input) {
      return input == 0 ? "x" : "feedback";
    }

    @Override
    public List<NDArray> results(NDList result) {
      return List.of(only(result));
    }
  }
}
