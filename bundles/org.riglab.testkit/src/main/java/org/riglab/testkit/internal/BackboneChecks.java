package org.riglab.testkit.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.testkit.internal.Check.Outcome;

/** The contract of backbones. */
public final class BackboneChecks {
  /** Channels and strides are as declared, at odd sizes too. */
  public static final Check<Subject<Backbone>> STAGES =
      new Check<>("stagesAreAsDeclared", BackboneChecks::stages);

  /** Its options for the output stride are kept. */
  public static final Check<Subject<Backbone>> OUTPUT_STRIDE =
      new Check<>("outputStrideIsKept", BackboneChecks::outputStride);

  /** The state dict has one name per parameter. */
  public static final Check<Subject<Backbone>> NAMES =
      new Check<>("namesAreUnique", BackboneChecks::names);

  /** Everything that can learn does, and so does what lies in front. */
  public static final Check<Subject<Backbone>> GRADIENT =
      new Check<>("gradientReachesEveryParameter", s -> GradientLaws.gradient(new Chain(s)));

  /** Evaluation depends on inputs and parameters alone. */
  public static final Check<Subject<Backbone>> STATE =
      new Check<>("keepsNothingBetweenCalls", s -> Laws.state(new Chain(s)));

  /** Inputs belong to the caller. */
  public static final Check<Subject<Backbone>> INPUTS =
      new Check<>("leavesItsInputsAlone", s -> Laws.inputs(new Chain(s)));

  /** Gradients are what finite differences find. */
  public static final Check<Subject<Backbone>> SLOPE =
      new Check<>("gradientIsTheSlope", s -> GradientLaws.slope(new Chain(s), code(s)));

  /** float32 and float64 at least. */
  public static final Check<Subject<Backbone>> TYPES =
      new Check<>("computesInTheTypeOfItsInputs", s -> Laws.types(new Chain(s)));

  /** Wherever the network is. */
  public static final Check<Subject<Backbone>> DEVICES =
      new Check<>("computesOnTheDeviceOfItsInputs", s -> Laws.devices(new Chain(s), code(s)));

  /** Whole networks, whatever batch norm does. */
  public static final Check<Subject<Backbone>> NETWORKS =
      new Check<>("worksInNetworks", s -> Nets.ofBackbone(s).work());

  /** The same seed gives the same numbers. */
  public static final Check<Subject<Backbone>> SEEDS =
      new Check<>("sameSeedSameNumbers", s -> Nets.ofBackbone(s).seeds());

  /** Networks can be compiled and exported. */
  public static final Check<Subject<Backbone>> TRACE =
      new Check<>("tracesToAGraph", s -> Nets.ofBackbone(s).trace());

  /** Compiled passes compute what eager ones do. */
  public static final Check<Subject<Backbone>> COMPILED =
      new Check<>("compiledEqualsEager", s -> Nets.ofBackbone(s).compiled());

  /** Many steps need no more memory than few. */
  public static final Check<Subject<Backbone>> MEMORY =
      new Check<>("freesWhatItMakes", s -> Laws.frees(new Chain(s)));

  /** All checks. */
  public static final List<Check<Subject<Backbone>>> ALL =
      List.of(
          STAGES,
          OUTPUT_STRIDE,
          NAMES,
          GRADIENT,
          STATE,
          INPUTS,
          SLOPE,
          TYPES,
          DEVICES,
          NETWORKS,
          SEEDS,
          TRACE,
          COMPILED,
          MEMORY);

  /** Channels of a prediction that some unroll strategies feed in beside the image. */
  private static final int FED_BACK = 5;

  private BackboneChecks() {}

  private static Code code(Subject<Backbone> subject) {
    return Code.of(subject.provider(), stages(subject, 3).stream().map(Stage::block).toList());
  }

  private static List<Stage> stages(Subject<Backbone> subject, int inputs) {
    List<Stage> stages =
        Broken.unless(
            "stages",
            () -> subject.provider().stages(new BackboneShape(inputs), subject.options()));
    Broken.unless(
        stages != null && !stages.isEmpty(),
        "stages returns %s; expected one or more",
        stages == null ? "null" : "none");
    return stages;
  }

  private static <T> T lend(
      Subject<Backbone> subject,
      List<Stage> stages,
      DataType type,
      Device device,
      Function<? super Lone, T> use) {
    return Lone.lend(
        subject.tools().assembler(),
        stages.stream().map(Stage::prefix).toList(),
        stages.stream().map(Stage::block).toList(),
        type,
        device,
        List.of(new Shape(1, stages.get(0).inputChannels(), 64, 64)),
        use);
  }

  /** The smallest image of at least that size that the backbone takes. */
  private static Shape fitting(
      Subject<Backbone> subject, long batch, long channels, long height, long width) {
    ImageSizes sizes = Broken.unless("sizes", () -> subject.provider().sizes(subject.options()));
    return new Shape(batch, channels, sizes.next(height), sizes.next(width));
  }

  private static Outcome stages(Subject<Backbone> subject) {
    for (int channels : new int[] {3, 3 + FED_BACK}) {
      List<Stage> stages = stages(subject, channels);
      int in = channels;
      for (Stage stage : stages) {
        Broken.unless(
            stage.inputChannels() == in,
            "%s says that it takes %d channels; expected the %d that it is given",
            stage.name(),
            stage.inputChannels(),
            in);
        in = stage.outputChannels();
      }
      List<Shape> sizes =
          channels == 3
              ? List.of(
                  fitting(subject, 1, 3, 64, 96),
                  fitting(subject, 2, 3, 65, 97),
                  fitting(subject, 2, 3, 71, 45))
              : List.of(fitting(subject, 1, channels, 64, 96));
      lend(
          subject,
          stages,
          DataType.FLOAT32,
          Device.cpu(),
          trial -> {
            sizes.forEach(size -> run(stages, trial, size));
            return null;
          });
    }
    return Outcome.passed(
        "%d stages, stride %d"
            .formatted(
                stages(subject, 3).size(),
                stages(subject, 3).get(stages(subject, 3).size() - 1).stride()));
  }

  private static Outcome outputStride(Subject<Backbone> subject) {
    Class<? extends Annotation> options = subject.provider().options();
    if (Stream.of(options.getDeclaredMethods())
        .noneMatch(m -> m.getName().equals("outputStride"))) {
      return Outcome.passed("it has no option output_stride");
    }
    List<Integer> taken = new ArrayList<>();
    for (int stride : new int[] {8, 16, 32}) {
      Map<String, Object> values = new TreeMap<>(subject.values());
      values.put("output_stride", stride);
      Subject<Backbone> with =
          new Subject<>(
              subject.kind(), subject.name(), subject.provider(), values, subject.tools());
      try {
        with.provider().stages(new BackboneShape(3), with.options());
      } catch (RigException e) {
        continue; // not one of its strides
      }
      List<Stage> stages = stages(with, 3);
      int got = stages.get(stages.size() - 1).stride();
      Broken.unless(
          got == stride, "with output_stride=%d the last stage has stride %d", stride, got);
      lend(
          with,
          stages,
          DataType.FLOAT32,
          Device.cpu(),
          trial -> {
            run(stages, trial, fitting(with, 2, 3, 65, 97));
            return null;
          });
      taken.add(stride);
    }
    return Outcome.passed("output strides " + taken);
  }

  private static void run(List<Stage> stages, Lone trial, Shape size) {
    try (NDManager step = trial.manager().newSubManager()) {
      NDList x = new NDList(Numbers.normal(step, DataType.FLOAT32, 1, size.getShape()));
      for (Stage stage : stages) {
        NDList before = x;
        String when = "%s, for an image %s,".formatted(stage.name(), size);
        Shape[] said =
            Broken.unless(
                when + " getOutputShapes", () -> stage.block().getOutputShapes(before.getShapes()));
        x =
            Trial.without(
                () -> Broken.unless(when, () -> stage.block().forward(Trial.STORE, before, false)));
        Broken.unless(x != null && !x.isEmpty(), "%s returns nothing", when);
        Shape got = x.head().getShape();
        Broken.unless(
            got.dimension() == 4
                && got.get(0) == size.get(0)
                && got.get(1) == stage.outputChannels(),
            "%s returns %s; expected (%d, %d, H, W)",
            when,
            got,
            size.get(0),
            stage.outputChannels());
        for (int side = 2; side < 4; side++) {
          long exact = size.get(side);
          Broken.unless(
              Math.abs(got.get(side) * stage.stride() - exact) < stage.stride(),
              "%s returns %s, but says that its stride is %d; expected a side of about %d",
              when,
              got,
              stage.stride(),
              exact / stage.stride());
        }
        Broken.unless(
            said[0].equals(got),
            "%s returns %s, but getOutputShapes says %s; expected what forward returns",
            when,
            got,
            said[0]);
        Broken.unless(
            Numbers.finite(Numbers.values(x.head())),
            "%s returns NaN or infinity with fresh parameters",
            when);
      }
    }
  }

  private static Outcome names(Subject<Backbone> subject) {
    List<Stage> stages = stages(subject, 3);
    Set<String> names = new HashSet<>();
    Set<Block> blocks = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Stage stage : stages) {
      Broken.unless(
          stage.name() != null && !stage.name().isBlank() && names.add(stage.name()),
          "the stage name '%s' is empty or used twice",
          stage.name());
      Broken.unless(
          stage.prefix() != null && (stage.prefix().isEmpty() || stage.prefix().endsWith(".")),
          "%s has the prefix '%s'; expected one that ends in a dot, such as backbone.layer3.,"
              + " or none",
          stage.name(),
          stage.prefix());
      Broken.unless(
          blocks.add(stage.block()), "%s is the block of another stage too", stage.name());
    }
    Set<String> first =
        lend(subject, stages, DataType.FLOAT32, Device.cpu(), trial -> trial.state().keySet());
    Set<String> second =
        lend(
            subject,
            stages(subject, 3),
            DataType.FLOAT32,
            Device.cpu(),
            trial -> trial.state().keySet());
    Broken.unless(
        List.copyOf(first).equals(List.copyOf(second)),
        "parameters have other names, or another order, in the next network; weights could not be"
            + " read again");
    return Outcome.passed(first.size() + " names");
  }

  /** All stages, one after the other. */
  private record Chain(Subject<Backbone> subject) implements Probe {
    @Override
    public <T> T lend(DataType type, Device device, Function<Trial, T> use) {
      return BackboneChecks.lend(subject, stages(subject, 3), type, device, use::apply);
    }

    @Override
    public List<Shape> inputs() {
      return List.of(fitting(subject, 2, 3, 65, 97));
    }

    @Override
    public List<Shape> small() {
      // A quarter of the pixels is a quarter of the time, and of the kinks between two points.
      return List.of(fitting(subject, 2, 3, 33, 49));
    }

    @Override
    public List<Shape> others() {
      return List.of(fitting(subject, 1, 3, 71, 45));
    }

    @Override
    public List<Shape> large() {
      return List.of(fitting(subject, 2, 3, 129, 161));
    }

    @Override
    public String name(int input) {
      return "the image";
    }

    @Override
    public List<NDArray> results(NDList result) {
      Broken.unless(result != null && !result.isEmpty(), "forward returns nothing");
      return List.of(result.head());
    }
  }
}
