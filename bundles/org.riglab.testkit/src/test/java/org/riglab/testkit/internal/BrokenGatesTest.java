package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.GateLayer;

/** Each check finds the gate that breaks it, and says so; a gate that holds passes it. */
public class BrokenGatesTest {
  private static final List<NDArray> KEPT = new ArrayList<>();

  /** What a gate does. */
  interface Body {
    NDArray run(NDArray x, NDArray feedback, NDArray map, boolean training);
  }

  /** x and a map that a 1x1 convolution of the feedback, enlarged, gives. */
  private static final class Fed extends GateLayer {
    private final Conv2d conv;
    private final Body body;

    Fed(int in, int out, Body body) {
      conv = addChildBlock("conv", Conv2d.withBias(in, out, 1, 1));
      this.body = body;
    }

    @Override
    protected NDArray forward(Context context, NDArray x, NDList feedback) {
      NDArray map = Functional.interpolate(conv.forward(context, feedback.head()), x);
      return body.run(x, feedback.head(), Functional.sigmoid(map), context.training());
    }
  }

  private static Gate gate(Body body) {
    return (shape, options) -> block(shape, body);
  }

  static Block block(GateShape shape, Body body) {
    return new Fed(shape.mainFeedbackChannels(), shape.inputChannels(), body);
  }

  private static Subject<Gate> subject(Gate gate) {
    return new Subject<>(Gate.KIND, "test", gate, Map.of(), Tools.onClassPath());
  }

  private static void fails(Check<Subject<Gate>> check, Gate gate, String part) {
    assertEquals(
        check.name(),
        Verdict.PASSED,
        check.run(subject(gate((x, feedback, map, training) -> x.mul(map)))).verdict());
    says(Verdict.FAILED, check, gate, part);
  }

  private static void says(Verdict verdict, Check<Subject<Gate>> check, Gate gate, String part) {
    Check.Outcome outcome = check.run(subject(gate));
    assertEquals(check.name() + ": " + outcome.sentence(), verdict, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void anotherShape() {
    fails(
        GateChecks.SHAPE,
        gate((x, feedback, map, training) -> Functional.avgPool2d(x.mul(map), 2, 2, true)),
        "for x (2, 6, 33, 47), feedback (2, 4, 17, 24) the result is (2, 6, 17, 24); expected the"
            + " shape of x, (2, 6, 33, 47)");
  }

  @Test
  public void evenSizesOnly() {
    fails(
        GateChecks.SHAPE,
        gate(
            (x, feedback, map, training) ->
                x.mul(feedback.mean(new int[] {1}, true).repeat(2, 2).repeat(3, 2))),
        "for x (2, 6, 33, 47), feedback (2, 4, 17, 24) forward throws EngineException");
  }

  @Test
  public void notANumber() {
    fails(
        GateChecks.SHAPE,
        gate((x, feedback, map, training) -> x.log().mul(map)),
        "the result holds NaN or infinity");
  }

  @Test
  public void noBlock() {
    fails(GateChecks.SHAPE, (shape, options) -> null, "create returns null");
  }

  @Test
  public void thrown() {
    fails(
        GateChecks.SHAPE,
        (shape, options) -> {
          throw new IllegalStateException("out of ideas");
        },
        "create throws IllegalStateException: out of ideas (BrokenGatesTest.java:");
  }

  @Test
  public void oneFeedbackOnly() {
    Gate strict =
        (shape, options) -> {
          if (shape.feedbackChannels().size() > 1) {
            throw new RigException("one is enough");
          }
          return new Fed(4, shape.inputChannels(), (x, feedback, map, training) -> x.mul(map));
        };
    says(Verdict.NOTE, GateChecks.SEVERAL, strict, "it refuses two feedbacks (one is enough)");
    fails(
        GateChecks.SEVERAL,
        (shape, options) ->
            new Fed(
                shape.feedbackChannels().get(shape.feedbackChannels().size() - 1),
                shape.inputChannels(),
                (x, f, map, t) -> x.mul(map)),
        "throws");
  }

  @Test
  public void unusedParameter() {
    fails(
        GateChecks.GRADIENT,
        gate((x, feedback, map, training) -> x.add(x)),
        "no gradient reaches gates.2.conv.weight: use it in forward");
  }

  @Test
  public void cutInput() {
    fails(
        GateChecks.GRADIENT,
        gate(new CutInput()),
        "no gradient reaches x: what lies in front learns through x");
  }

  @Test
  public void remembers() {
    fails(
        GateChecks.STATE,
        (shape, options) -> {
          float[] calls = {0};
          return new Fed(
              shape.mainFeedbackChannels(),
              shape.inputChannels(),
              (x, feedback, map, training) -> x.mul(map).add(x.getManager().create(calls[0]++)));
        },
        "the same input gives another result after a call with x (1, 6, 20, 15)");
  }

  @Test
  public void shared() {
    Map<Integer, Block> blocks = new HashMap<>();
    fails(
        GateChecks.STATE,
        (shape, options) ->
            blocks.computeIfAbsent(
                shape.inputChannels(),
                in -> new Fed(shape.mainFeedbackChannels(), in, (x, f, map, t) -> x.mul(map))),
        "create returns the same block twice; expected a new one at each call");
    float[] trained = {0};
    fails(
        GateChecks.STATE,
        gate(
            (x, feedback, map, training) ->
                x.mul(map).add(x.getManager().create(training ? trained[0]++ : trained[0]))),
        "after another one made by the part was trained");
  }

  @Test
  public void changesItsInput() {
    fails(
        GateChecks.INPUTS,
        gate((x, feedback, map, training) -> x.muli(map)),
        "forward changes the values of x in evaluation; use mul and add, not muli and addi");
    fails(
        GateChecks.INPUTS,
        gate(
            (x, feedback, map, training) -> {
              NDArray result = x.mul(map);
              feedback.close();
              return result;
            }),
        "forward closes feedback in evaluation, which belongs to the caller");
  }

  @Test
  public void gradientThatIsNone() {
    fails(GateChecks.SLOPE, new ThroughJava(), "the gradient of feedback says a slope of");
    says(
        Verdict.NOTE,
        GateChecks.SLOPE,
        (shape, options) -> new Cut(shape.mainFeedbackChannels(), shape.inputChannels()),
        "Cut calls NDArray.stopGradient, so that may be meant");
  }

  @Test
  public void drawnNoiseIsTheSameAtEachPoint() {
    Gate noisy =
        gate(
            (x, feedback, map, training) ->
                x.mul(map.add(x.getManager().randomNormal(x.getShape(), x.getDataType()))));
    Check.Outcome outcome = GateChecks.SLOPE.run(subject(noisy));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }

  @Test
  public void hardWiredType() {
    fails(
        GateChecks.TYPES,
        gate((x, feedback, map, training) -> x.mul(map).toType(DataType.FLOAT32, false)),
        "with inputs and parameters in float64 the result is in float32");
    fails(
        GateChecks.TYPES,
        gate(
            (x, feedback, map, training) -> {
              long width = x.getShape().get(3);
              NDArray matrix = x.getManager().eye((int) width);
              return x.mul(map).matMul(matrix);
            }),
        "with inputs in float64 forward throws EngineException");
  }

  @Test
  public void hardWiredDevice() {
    fails(
        GateChecks.DEVICES,
        new HardWired(),
        "HardWired calls Device.cpu: arrays made so are on one device");
  }

  @Test
  public void failsInNetworks() {
    fails(
        GateChecks.NETWORKS,
        gate(
            (x, feedback, map, training) -> {
              if (x.getShape().get(1) == 3) {
                throw new IllegalStateException("no images");
              }
              return x.mul(map);
            }),
        "in a network with u=2, feedback [1, 2, 3], batch norm per-iteration forward in training"
            + " says: gate test at block 1, iteration 2 failed: IllegalStateException: no images");
  }

  @Test
  public void randomStart() {
    fails(
        GateChecks.SEEDS,
        (shape, options) -> {
          Block block = block(shape, (x, feedback, map, training) -> x.mul(map));
          block.setInitializer(
              (manager, of, type) -> manager.create((float) Math.random()).broadcast(of),
              Parameter.Type.BIAS);
          return block;
        },
        "starts with other values although the seed is the same");
  }

  @Test
  public void randomTraining() {
    Random random = new Random(5);
    fails(
        GateChecks.SEEDS,
        gate(
            (x, feedback, map, training) ->
                training ? x.mul(map).mul(x.getManager().create(random.nextFloat())) : x.mul(map)),
        "in training the same seed and input give another result");
  }

  @Test
  public void readsValues() {
    Gate reads =
        gate(
            (x, feedback, map, training) ->
                map.mean().getFloat() > 0.5 ? x.mul(map) : x.mul(map.square()));
    says(
        Verdict.NOTE,
        GateChecks.TRACE,
        reads,
        "calls getFloat, which reads values; compute with arrays instead");
    says(Verdict.NOTE, GateChecks.COMPILED, reads, "it cannot be compiled");
  }

  @Test
  public void tracesToSomethingElse() {
    fails(
        GateChecks.COMPILED,
        gate(
            (x, feedback, map, training) ->
                // a symbolic array is a proxy, a real one is not
                java.lang.reflect.Proxy.isProxyClass(x.getClass()) ? x.add(map) : x.mul(map)),
        "compiled, the logits differ from the eager ones by");
  }

  @Test
  public void leaks() {
    try {
      fails(
          GateChecks.MEMORY,
          gate(
              (x, feedback, map, training) -> {
                NDArray copy = x.duplicate();
                copy.detach();
                KEPT.add(copy);
                return x.mul(map);
              }),
          "memory grows by ");
    } finally {
      KEPT.forEach(NDArray::close);
      KEPT.clear();
    }
  }
}

/** Not a member of the test, whose code is looked at as a whole. */
final class HardWired implements Gate, BrokenGatesTest.Body {
  @Override
  public Block create(GateShape shape, Options options) {
    return BrokenGatesTest.block(shape, this);
  }

  @Override
  public NDArray run(NDArray x, NDArray feedback, NDArray map, boolean training) {
    return x.mul(map).mul(x.getManager().ones(new Shape(1), x.getDataType(), Device.cpu()));
  }
}

/** As above: nothing here cuts gradients in so many words. */
final class ThroughJava implements Gate, BrokenGatesTest.Body {
  @Override
  public Block create(GateShape shape, Options options) {
    return BrokenGatesTest.block(shape, this);
  }

  @Override
  public NDArray run(NDArray x, NDArray feedback, NDArray map, boolean training) {
    long batch = feedback.getShape().get(0);
    NDArray means = feedback.reshape(batch, -1).mean(new int[] {1});
    float[] values = means.toType(DataType.FLOAT32, false).toFloatArray();
    NDArray mean = x.getManager().create(values, new Shape(batch, 1, 1, 1));
    return x.mul(map).mul(mean.toType(x.getDataType(), false).exp());
  }
}

/** Cuts the gradient on purpose. */
final class Cut extends GateLayer {
  private final Conv2d conv;

  Cut(int in, int out) {
    conv = addChildBlock("conv", Conv2d.withBias(in, out, 1, 1));
  }

  @Override
  protected NDArray forward(Context context, NDArray x, NDList feedback) {
    NDArray map = conv.forward(context, feedback.head().stopGradient());
    return x.mul(Functional.sigmoid(Functional.interpolate(map, x)));
  }
}

/** Lets nothing back through x. */
final class CutInput implements BrokenGatesTest.Body {
  @Override
  public NDArray run(NDArray x, NDArray feedback, NDArray map, boolean training) {
    return x.stopGradient().mul(map);
  }
}
