package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Head;
import org.riglab.api.network.HeadShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/** What gates do not have: each check finds the head that breaks it, and says so. */
public class BrokenHeadsTest {
  /** What becomes of the logits. */
  private interface After {
    NDArray of(NDArray logits, NDList inputs);
  }

  /** A 1x1 convolution of the last feature. */
  private static final class Scores extends AbstractLayer {
    private final Conv2d conv;
    private final After after;

    Scores(int in, int classes, After after) {
      conv = addChildBlock("conv", Conv2d.withBias(in, classes, 1, 1));
      this.after = after;
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      return new NDList(after.of(conv.forward(context, inputs.head()), inputs));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return new Shape[] {conv.outputShape(inputs[0])};
    }
  }

  private static Stage stage(HeadShape shape, String prefix, After after, int stride) {
    int in = shape.last().outputChannels();
    int classes = shape.classes();
    return new Stage("classifier", prefix, new Scores(in, classes, after), in, classes, stride);
  }

  private static Head head(After after) {
    return (shape, options) -> stage(shape, Head.PREFIX, after, shape.last().stride());
  }

  /** A plain head that asks for skips. */
  private static Head asking(List<Integer> skips) {
    return new Head() {
      @Override
      public List<Integer> skips(HeadShape shape, Options options) {
        return skips;
      }

      @Override
      public Stage stage(HeadShape shape, Options options) {
        return BrokenHeadsTest.stage(shape, PREFIX, (y, in) -> y, shape.last().stride());
      }
    };
  }

  private static Check.Outcome run(Check<Subject<Head>> check, Head head) {
    return check.run(new Subject<>(Head.KIND, "test", head, Map.of(), Tools.onClassPath()));
  }

  private static void fails(Check<Subject<Head>> check, Head head, String part) {
    Check.Outcome good = run(check, head((y, in) -> y));
    assertEquals(good.sentence(), Verdict.PASSED, good.verdict());
    Check.Outcome outcome = run(check, head);
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void declarations() {
    fails(HeadChecks.LOGITS, (shape, options) -> null, "stage returns null");
    fails(
        HeadChecks.LOGITS,
        (shape, options) -> new Stage("c", Head.PREFIX, new Scores(10, 4, (y, in) -> y), 10, 4, 32),
        "the stage says that it returns 4 channels for 5 classes");
    fails(
        HeadChecks.LOGITS,
        (shape, options) ->
            new Stage("c", Head.PREFIX, new Scores(3, 5, (y, in) -> y), 3, shape.classes(), 32),
        "the stage says that it takes 3 channels; expected the 10 of the last feature");
    fails(
        HeadChecks.LOGITS,
        (shape, options) -> stage(shape, Head.PREFIX, (y, in) -> y, 8),
        "for an image of 64x96 pixels forward returns (1, 5, 2, 3), but the stage says stride 8;"
            + " expected (1, 5, 8, 12)");
    fails(HeadChecks.LOGITS, head((y, in) -> y.log()), "the logits hold NaN or infinity");
  }

  @Test
  public void enlargedLogits() {
    // to the image's size, which is the network's to do
    fails(
        HeadChecks.LOGITS,
        head((y, in) -> Functional.interpolate(y, 64, 96)),
        "forward returns (1, 5, 64, 96), but the stage says stride 32");
  }

  @Test
  public void skipsThatAreNotThere() {
    fails(
        HeadChecks.SKIPS,
        asking(List.of(5)),
        "skips asks for blocks [5] of a backbone with 5 stages; expected ascending numbers"
            + " from 1 to 4");
    fails(HeadChecks.SKIPS, asking(List.of(4, 3)), "skips asks for blocks [4, 3]");
    fails(
        HeadChecks.SKIPS,
        (shape, options) ->
            stage(
                new HeadShape(shape.stages().subList(1, shape.stages().size()), shape.classes()),
                Head.PREFIX,
                (y, in) -> y,
                32),
        "for a backbone of one stage it throws");
    Check.Outcome refuses =
        run(
            HeadChecks.SKIPS,
            (shape, options) -> {
              if (shape.stages().size() < 2) {
                throw new RigException("it needs two stages, there is one");
              }
              return stage(shape, Head.PREFIX, (y, in) -> y, 32);
            });
    assertEquals(Verdict.PASSED, refuses.verdict());
    assertTrue(refuses.sentence(), refuses.sentence().contains("it needs two stages"));
  }

  @Test
  public void names() {
    fails(
        HeadChecks.NAMES,
        (shape, options) -> stage(shape, "head.", (y, in) -> y, 32),
        "a parameter is called head.conv.weight; expected a name that starts with"
            + " classifier.");
  }

  @Test
  public void sameBlockAgain() {
    Stage[] kept = new Stage[1];
    fails(
        HeadChecks.STATE,
        (shape, options) -> {
          if (kept[0] == null) {
            kept[0] = stage(shape, Head.PREFIX, (y, in) -> y, 32);
          }
          return kept[0];
        },
        "stage returns the same block twice; expected a new one at each call");
  }

  @Test
  public void changesItsInput() {
    fails(
        HeadChecks.INPUTS,
        head((y, in) -> y.add(in.head().muli(2).mean())),
        "forward changes the values of the feature in evaluation");
  }

  @Test
  public void cutInput() {
    fails(
        HeadChecks.GRADIENT, head((y, in) -> y.stopGradient().add(y).sub(y)), "is zero everywhere");
  }

  @Test
  public void failsInNetworks() {
    fails(
        HeadChecks.NETWORKS,
        head(
            (y, in) -> {
              if (in.head().getShape().get(0) == 2) {
                throw new IllegalStateException("one image at a time");
              }
              return y;
            }),
        "head test, classifier failed: IllegalStateException: one image at a time");
  }
}
