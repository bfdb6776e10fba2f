package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of heads. */
public final class HeadChecks {
  /** Logits have the classes and the stride that the stage declares, at odd sizes too. */
  public static final Check<Subject<Head>> LOGITS =
      new Check<>("logitsAreAsDeclared", HeadChecks::logits);

  /** Skips are stages of the backbone, or there is one line that says what is missing. */
  public static final Check<Subject<Head>> SKIPS =
      new Check<>("skipsAreStagesOfTheBackbone", HeadChecks::skips);

  /** The state dict has one name per parameter, below {@code classifier.}. */
  public static final Check<Subject<Head>> NAMES =
      new Check<>("namesAreTheClassifiers", HeadChecks::names);

  /** Everything that can learn does, and so does what lies in front. */
  public static final Check<Subject<Head>> GRADIENT =
      new Check<>("gradientReachesEveryParameter", s -> GradientLaws.gradient(new Alone(s)));

  /** Evaluation depends on inputs and parameters alone. */
  public static final Check<Subject<Head>> STATE =
      new Check<>("keepsNothingBetweenCalls", s -> Laws.state(new Alone(s)));

  /** Inputs belong to the caller. */
  public static final Check<Subject<Head>> INPUTS =
      new Check<>("leavesItsInputsAlone", s -> Laws.inputs(new Alone(s)));

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Head>> SLOPE =
      new Check<>("gradientIsTheSlope", s -> GradientLaws.slope(new Alone(s), code(s)));

  /** float32 and float64 at least. */
  public static final Check<Subject<Head>> TYPES =
      new Check<>("computesInTheTypeOfItsInputs", s -> Laws.types(new Alone(s)));

  /** Wherever the network is. */
  public static final Check<Subject<Head>> DEVICES =
      new Check<>("computesOnTheDeviceOfItsInputs", s -> Laws.devices(new Alone(s), code(s)));

  /** Whole networks, whatever batch norm does. */
  public static final Check<Subject<Head>> NETWORKS =
      new Check<>("worksInNetworks", s -> Nets.ofHead(s).work());

  /** The same seed gives the same numbers. */
  public static final Check<Subject<Head>> SEEDS =
      new Check<>("sameSeedSameNumbers", s -> Nets.ofHead(s).seeds());

  /** Networks can be compiled and exported. */
  public static final Check<Subject<Head>> TRACE =
      new Check<>("tracesToAGraph", s -> Nets.ofHead(s).trace());

  /** Compiled passes compute what eager ones do. */
  public static final Check<Subject<Head>> COMPILED =
      new Check<>("compiledEqualsEager", s -> Nets.ofHead(s).compiled());

  /** Many steps need no more memory than few. */
  public static final Check<Subject<Head>> MEMORY =
      new Check<>("freesWhatItMakes", s -> Laws.frees(new Alone(s)));

  /** All checks. */
  public static final List<Check<Subject<Head>>> ALL =
      List.of(
          LOGITS, SKIPS, NAMES, GRADIENT, STATE, INPUTS, SLOPE, TYPES, DEVICES, NETWORKS, SEEDS,
          TRACE, COMPILED, MEMORY);

  private static final int CLASSES = 5;

  private HeadChecks() {}

  /** What a head is asked for behind the stages of {@link Partners#PYRAMID}. */
  private static HeadShape shape(int classes) {
    return new HeadShape(Partners.PYRAMID.stages(new BackboneShape(3), null), classes);
  }

  private static List<Integer> skips(Subject<Head> subject, HeadShape shape) {
    List<Integer> skips =
        Broken.unless("skips", () -> subject.provider().skips(shape, subject.options()));
    Broken.unless(skips != null, "skips returns null; expected a list, empty for none");
    return skips;
  }

  private static Stage stage(Subject<Head> subject, HeadShape shape) {
    Stage stage = Broken.unless("stage", () -> subject.provider().stage(shape, subject.options()));
    Broken.unless(
        stage != null && stage.block() != null, "stage returns null; expected a new stage");
    return stage;
  }

  private static Code code(Subject<Head> subject) {
    return Code.of(subject.provider(), List.of(stage(subject, shape(CLASSES)).block()));
  }

  /** The head's inputs for an image: the last feature, then the skips. */
  private static List<Shape> inputs(
      Subject<Head> subject, HeadShape shape, int images, int height, int width) {
    List<Stage> sources = new ArrayList<>(List.of(shape.last()));
    skips(subject, shape).forEach(block -> sources.add(shape.stages().get(block - 1)));
    return sources.stream()
        .map(
            source ->
                new Shape(
                    images,
                    source.outputChannels(),
                    (height + source.stride() - 1) / source.stride(),
                    (width + source.stride() - 1) / source.stride()))
        .toList();
  }

  private static <T> T lend(
      Subject<Head> subject,
      HeadShape shape,
      DataType type,
      Device device,
      Function<Trial, T> use) {
    Stage stage = stage(subject, shape);
    Broken.unless(
        stage.block() != stage(subject, shape).block(),
        "stage returns the same block twice; expected a new one at each call");
    return Lone.lend(
        subject.tools().assembler(),
        List.of(stage.prefix()),
        List.of(stage.block()),
        type,
        device,
        inputs(subject, shape, 1, 64, 64),
        use);
  }

  private static NDArray only(NDList result) {
    Broken.unless(
        result != null && !result.isEmpty(), "forward returns nothing; expected the logits");
    return result.head();
  }

  private static Outcome logits(Subject<Head> subject) {
    for (int classes : new int[] {CLASSES, 1}) {
      HeadShape shape = shape(classes);
      Stage stage = stage(subject, shape);
      Broken.unless(
          stage.inputChannels() == shape.last().outputChannels(),
          "the stage says that it takes %d channels; expected the %d of the last feature",
          stage.inputChannels(),
          shape.last().outputChannels());
      Broken.unless(
          stage.outputChannels() == classes,
          "the stage says that it returns %d channels for %d classes",
          stage.outputChannels(),
          classes);
      lend(
          subject,
          shape,
          DataType.FLOAT32,
          Device.cpu(),
          trial -> {
            run(subject, trial, shape, stage, 1, 64, 96);
            run(subject, trial, shape, stage, 2, 65, 97);
            run(subject, trial, shape, stage, 2, 33, 161);
            return null;
          });
    }
    return Outcome.passed("stride " + stage(subject, shape(CLASSES)).stride());
  }

  private static void run(
      Subject<Head> subject,
      Trial trial,
      HeadShape shape,
      Stage stage,
      int images,
      int height,
      int width) {
    Shape right =
        new Shape(
            images,
            shape.classes(),
            (height + stage.stride() - 1) / stage.stride(),
            (width + stage.stride() - 1) / stage.stride());
    try (NDManager step = trial.manager().newSubManager()) {
      List<Shape> shapes = inputs(subject, shape, images, height, width);
      NDArray[] inputs = Probe.arrays(step, DataType.FLOAT32, 1, shapes);
      NDArray logits = Trial.without(() -> only(trial.forward(false, inputs)));
      // A feature covers part of a pixel of its grid; a head that enlarges it keeps the whole.
      Shape feature = shapes.get(0);
      int factor = Math.max(1, shape.last().stride() / stage.stride());
      Shape enlarged =
          new Shape(images, shape.classes(), feature.get(2) * factor, feature.get(3) * factor);
      Broken.unless(
          logits.getShape().equals(right) || logits.getShape().equals(enlarged),
          "for an image of %dx%d pixels forward returns %s, but the stage says stride %d; expected"
              + " %s",
          height,
          width,
          logits.getShape(),
          stage.stride(),
          right);
      Broken.unless(
          Numbers.finite(Numbers.values(logits)),
          "the logits hold NaN or infinity with fresh parameters");
      Shape said = stage.block().getOutputShapes(shapes.toArray(Shape[]::new))[0];
      Broken.unless(
          said.equals(logits.getShape()),
          "forward returns %s, but getOutputShapes says %s; expected what forward returns",
          logits.getShape(),
          said);
    }
  }

  private static Outcome skips(Subject<Head> subject) {
    HeadShape shape = shape(CLASSES);
    List<Integer> skips = skips(subject, shape);
    Broken.unless(
        skips.equals(skips.stream().sorted().distinct().toList())
            && skips.stream().allMatch(block -> block >= 1 && block < shape.stages().size()),
        "skips asks for blocks %s of a backbone with %d stages; expected ascending numbers"
            + " from 1 to %d",
        skips,
        shape.stages().size(),
        shape.stages().size() - 1);
    HeadShape single = new HeadShape(shape.stages().subList(0, 1), CLASSES);
    try {
      subject.provider().skips(single, subject.options());
      subject.provider().stage(single, subject.options());
    } catch (RigException e) {
      Broken.unless(
          e.getMessage() != null && e.getMessage().lines().count() == 1,
          "for a backbone of one stage it says '%s'; expected one line: what it needs, and"
              + " what there is",
          e.getMessage());
      return Outcome.passed("blocks %s; not every backbone: %s".formatted(skips, e.getMessage()));
    } catch (Exception e) {
      throw new Broken(
          "for a backbone of one stage it "
              + Broken.words(e)
              + "; expected logits, or a RigException that says what it needs");
    }
    return Outcome.passed(skips.isEmpty() ? "no skips" : "blocks " + skips);
  }

  private static Outcome names(Subject<Head> subject) {
    HeadShape shape = shape(CLASSES);
    List<String> first = state(subject, shape);
    first.forEach(
        name ->
            Broken.unless(
                name.startsWith(Head.PREFIX),
                "a parameter is called %s; expected a name that starts with %s",
                name,
                Head.PREFIX));
    Broken.unless(
        first.equals(state(subject, shape)),
        "parameters have other names, or another order, in the next network; weights could not be"
            + " read again");
    return Outcome.passed(first.size() + " names");
  }

  private static List<String> state(Subject<Head> subject, HeadShape shape) {
    return lend(
        subject,
        shape,
        DataType.FLOAT32,
        Device.cpu(),
        trial -> {
          Map<String, Parameter> state = trial.state();
          return List.copyOf(state.keySet());
        });
  }

  /** A head on its own. */
  private record Alone(Subject<Head> subject) implements Probe {
    @Override
    public <T> T lend(DataType type, Device device, Function<Trial, T> use) {
      return HeadChecks.lend(subject, shape(CLASSES), type, device, use);
    }

    @Override
    public List<Shape> inputs() {
      return HeadChecks.inputs(subject, shape(CLASSES), 2, 65, 97);
    }

    @Override
    public List<Shape> others() {
      return HeadChecks.inputs(subject, shape(CLASSES), 1, 71, 45);
    }

    @Override
    public List<Shape> large() {
      return HeadChecks.inputs(subject, shape(CLASSES), 2, 640, 960);
    }

    @Override
    public String name(int input) {
      return input == 0 ? "the feature" : "skip " + input;
    }

    @Override
    public List<NDArray> results(NDList result) {
      return List.of(only(result));
    }
  }
}
