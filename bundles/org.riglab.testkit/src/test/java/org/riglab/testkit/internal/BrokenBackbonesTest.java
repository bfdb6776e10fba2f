package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.nn.BatchNorm2d;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/** What gates do not have: each check finds the backbone that breaks it, and says so. */
public class BrokenBackbonesTest {
  private static final int DEPTH = 40;

  /** What becomes of a stage's output. */
  private interface After {
    NDArray of(NDArray x, NDArray y);
  }

  private static final class Conv extends Layer {
    private final Conv2d conv;
    private final After after;

    Conv(int in, int out, int stride, After after) {
      conv = addChildBlock("conv", Conv2d.withoutBias(in, out, 3, stride, 1));
      this.after = after;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      return after.of(x, conv.forward(context, x));
    }

    @Override
    public Shape outputShape(Shape input) {
      return conv.outputShape(input);
    }
  }

  private static Backbone of(Stage... stages) {
    return (shape, options) -> List.of(stages);
  }

  private static Stage first(After after) {
    return new Stage("b1", "backbone.b1.", new Conv(3, 6, 2, after), 3, 6, 2);
  }

  private static Stage last() {
    return new Stage("b2", "backbone.b2.", new Conv(6, 5, 1, (x, y) -> y), 6, 5, 2);
  }

  private static Check.Outcome run(Check<Subject<Backbone>> check, Backbone backbone) {
    return check.run(new Subject<>(Backbone.KIND, "test", backbone, Map.of(), Tools.onClassPath()));
  }

  private static void fails(Check<Subject<Backbone>> check, Backbone backbone, String part) {
    Check.Outcome good = run(check, Partners.BACKBONE);
    assertEquals(good.sentence(), Verdict.PASSED, good.verdict());
    Check.Outcome outcome = run(check, backbone);
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void declarations() {
    fails(BackboneChecks.STAGES, of(), "stages returns none; expected one or more");
    fails(
        BackboneChecks.STAGES,
        of(first((x, y) -> y), first((x, y) -> y)),
        "b1 says that it takes 3 channels; expected the 6 that it is given");
    fails(
        BackboneChecks.STAGES,
        of(new Stage("b1", "b1.", new Conv(3, 6, 2, (x, y) -> y), 3, 6, 4), last()),
        "but says that its stride is 4; expected a side of about 16");
    fails(
        BackboneChecks.STAGES,
        of(first((x, y) -> y.concat(y, 1)), last()),
        "returns (1, 12, 32, 48); expected (1, 6, H, W)");
    fails(
        BackboneChecks.STAGES,
        of(first((x, y) -> y.getShape().get(2) == 33 ? y.get(":, :, 1:, :") : y), last()),
        "but getOutputShapes says (2, 6, 33, 49)");
    fails(BackboneChecks.STAGES, of(first((x, y) -> y.log()), last()), "returns NaN or infinity");
  }

  @Test
  public void threeChannelsOnly() {
    fails(
        BackboneChecks.STAGES,
        of(first((x, y) -> y), last()),
        "b1 says that it takes 3 channels; expected the 8 that it is given");
  }

  /** The option that is checked. */
  @interface Config {
    int outputStride() default 32;
  }

  @Test
  public void anotherOutputStride() {
    fails(
        BackboneChecks.OUTPUT_STRIDE,
        new Backbone() {
          @Override
          public Class<? extends Annotation> options() {
            return Config.class;
          }

          @Override
          public List<Stage> stages(BackboneShape shape, Options options) {
            return Partners.BACKBONE.stages(shape, options);
          }
        },
        "with output_stride=8 the last stage has stride 4");
  }

  @Test
  public void names() {
    Stage stage = first((x, y) -> y);
    fails(
        BackboneChecks.NAMES,
        of(stage, new Stage("b1", "backbone.b2.", last().block(), 6, 5, 2)),
        "the stage name 'b1' is empty or used twice");
    fails(
        BackboneChecks.NAMES,
        of(stage, new Stage("b2", "backbone", last().block(), 6, 5, 2)),
        "b2 has the prefix 'backbone'; expected one that ends in a dot");
    fails(
        BackboneChecks.NAMES,
        of(stage, new Stage("b2", "backbone.b1.", last().block(), 6, 5, 2)),
        "two parameters are named backbone.b1.conv.weight");
    List<String> calls = new ArrayList<>();
    fails(
        BackboneChecks.NAMES,
        (shape, options) -> {
          calls.add("");
          return List.of(
              new Stage("b1", "b" + calls.size() + ".", new Conv(3, 6, 2, (x, y) -> y), 3, 6, 2),
              last());
        },
        "parameters have other names, or another order, in the next network");
  }

  @Test
  public void sameBlocksAgain() {
    List<Stage> kept = new ArrayList<>();
    fails(
        BackboneChecks.STATE,
        (shape, options) -> {
          if (kept.isEmpty()) {
            kept.addAll(List.of(first((x, y) -> y), last()));
          }
          return kept;
        },
        "two networks share the parameter backbone.b1.conv.weight");
  }

  /** Forty blocks of convolution, batch norm, ReLU6; a pool behind each tenth. */
  private static Backbone deep(int changed, After change) {
    return (shape, options) -> {
      List<Stage> stages = new ArrayList<>();
      int in = shape.inputChannels();
      for (int k = 1; k <= DEPTH; k++) {
        After after = k == changed ? change : (x, y) -> y;
        boolean pool = k % 10 == 0;
        stages.add(new Stage("b" + k, "b" + k + ".", new Unit(in, 8, after, pool), in, 8, 1));
        in = 8;
      }
      stages.add(new Stage("last", "last.", new Conv(8, 5, 1, (x, y) -> y), 8, 5, 1));
      return stages;
    };
  }

  private static final class Unit extends Layer {
    private final Conv conv;
    private final BatchNorm2d norm;
    private final boolean pool;

    Unit(int in, int out, After after, boolean pool) {
      conv = addChildBlock("0", new Conv(in, out, 1, after));
      norm = addChildBlock("1", new BatchNorm2d(out));
      this.pool = pool;
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray y = conv.forward(context, x);
      y = norm.forward(context, y).clip(0, 6);
      return pool ? Functional.maxPool2d(y, 2, 2, 0, true) : y;
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  @Test
  public void kinksAreNoWrongGradients() {
    Check.Outcome outcome = run(BackboneChecks.SLOPE, deep(0, (x, y) -> y));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }

  @Test
  public void wrongGradientsAmongKinks() {
    // a branch that no gradient goes through
    fails(
        BackboneChecks.SLOPE, deep(5, (x, y) -> y.add(Detached.of(x))), "finite differences find");
    // a gradient of twice the slope
    fails(
        BackboneChecks.SLOPE,
        deep(30, (x, y) -> y.add(y).sub(Detached.of(y))),
        "finite differences find");
    // of a hundredth more
    fails(
        BackboneChecks.SLOPE,
        deep(
            4,
            (x, y) -> {
              NDArray little = y.mul(y.getManager().create(0.01));
              return y.add(little).sub(Detached.of(little));
            }),
        "finite differences find");
    // a parameter that no gradient reaches
    fails(
        BackboneChecks.SLOPE,
        deep(7, (x, y) -> Detached.of(y).add(x).sub(Detached.of(x))),
        "the gradient of b7.0.conv.weight says a slope of 0.000 where finite differences find");
  }

  @Test
  public void changesItsInput() {
    fails(
        BackboneChecks.INPUTS,
        of(first((x, y) -> Functional.relu(y.add(x.muli(2).mean()))), last()),
        "forward changes the values of the image in evaluation");
  }
}

/** The same values, and no way back: a mistake that nothing in a part's own code shows. */
final class Detached {
  private Detached() {}

  static NDArray of(NDArray x) {
    return x.getManager().create(x.toDoubleArray(), x.getShape());
  }
}
