package org.riglab.testkit.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.testkit.internal.Check.Outcome;
import org.riglab.testkit.internal.UnrollNetworks.Network;

/** The contract of unroll strategies. */
public final class UnrollChecks {
  /** Predictions have the classes and the size of the last block's output. */
  public static final Check<Subject<Unroll>> LOGITS =
      new Check<>("everyPredictionIsLogits", UnrollChecks::logits);

  /** Blocks and gates run as planned. */
  public static final Check<Subject<Unroll>> RUNS =
      new Check<>("blocksRunAsPlanned", UnrollRuns::runs);

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

  private static final int STRIDE = 4;

  private UnrollChecks() {}

  private static Code code(Subject<Unroll> subject) {
    return Code.of(subject.provider(), List.of());
  }

  private static Outcome logits(Subject<Unroll> subject) {
    Set<String> counts = new HashSet<>();
    UnrollNetworks.each(
        subject,
        (u, feedback, network) -> {
          try (NDManager step = UnrollNetworks.step(network)) {
            NDArray image =
                Numbers.normal(step, DataType.FLOAT32, 1, UnrollNetworks.IMAGE.getShape());
            NDList logits = UnrollNetworks.forward(network, image, false, Assembled.QUIET);
            String when = UnrollNetworks.words(u, feedback);
            Broken.unless(
                logits.size() == 1 || logits.size() == u,
                "%s gives %d predictions; expected one per iteration, or one at the end",
                when,
                logits.size());
            counts.add(
                logits.size() == 1 && u > 1 ? "one prediction" : "one prediction per iteration");
            Shape right =
                new Shape(
                    UnrollNetworks.IMAGE.get(0),
                    UnrollNetworks.CLASSES,
                    (UnrollNetworks.IMAGE.get(2) + STRIDE - 1) / STRIDE,
                    (UnrollNetworks.IMAGE.get(3) + STRIDE - 1) / STRIDE);
            for (NDArray array : logits) {
              Broken.unless(
                  array.getShape().equals(right),
                  "%s gives a prediction %s; expected logits at the network's stride, %s",
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

  private static Outcome one(Subject<Unroll> subject) {
    int channels =
        subject
            .provider()
            .inputChannels(
                new UnrollSpec(1, List.of(2, 3)), UnrollNetworks.CLASSES, subject.options());
    Broken.unless(
        channels >= 3, "inputChannels says %d; expected 3, the image's, or more", channels);
    if (channels > 3) {
      return Outcome.passed("it feeds %d channels beside the image".formatted(channels - 3));
    }
    return UnrollNetworks.assemble(
        subject,
        1,
        List.of(2, 3),
        network -> {
          try (NDManager step = UnrollNetworks.step(network)) {
            NDArray image =
                Numbers.normal(step, DataType.FLOAT32, 1, UnrollNetworks.IMAGE.getShape());
            NDList got = UnrollNetworks.forward(network, image, false, Assembled.QUIET);
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
                    + " difference %.1e); expected the plain network",
                error);
            return Outcome.PASSED;
          }
        });
  }

  private static Outcome shared(Subject<Unroll> subject) {
    List<String> few =
        UnrollNetworks.assemble(
            subject, 1, List.of(2, 3), network -> List.copyOf(network.state().keySet()));
    List<String> many =
        UnrollNetworks.assemble(
            subject,
            UnrollNetworks.MOST,
            List.of(2, 3),
            network -> List.copyOf(network.state().keySet()));
    Broken.unless(
        few.equals(many),
        "with u=%d the network has %d parameters, with u=1 %d; iterations must share their weights",
        UnrollNetworks.MOST,
        many.size(),
        few.size());
    return Outcome.PASSED;
  }
}
