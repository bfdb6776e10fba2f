package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Gate;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.GateLayer;

/** The check of tracing also exports. */
public class ExportsTest {
  private static Check.Outcome trace(BiFunction<Conv2d, NDArray, NDArray> body, float biases) {
    Gate gate =
        (shape, options) ->
            new GateLayer() {
              private final Conv2d conv =
                  addChildBlock(
                      "conv",
                      Conv2d.withBias(
                          shape.inputChannels(),
                          shape.inputChannels(),
                          1,
                          1,
                          new ConstantInitializer(biases)));

              @Override
              protected NDArray forward(Context context, NDArray x, NDList feedback) {
                return body.apply(conv, conv.forward(context, x));
              }
            };
    return GateChecks.TRACE.run(
        new Subject<>(Gate.KIND, "test", gate, Map.of(), Tools.onClassPath()));
  }

  private static void assertNote(String sentence, Check.Outcome outcome) {
    assertEquals(outcome.sentence(), Verdict.NOTE, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(sentence));
  }

  @Test
  public void aGraphThatDependsOnTheSizeIsNoted() {
    assertNote(
        "networks with it can be exported as onnx for images of one size only (export --size HxW):"
            + " cannot be exported for images of any size",
        trace((conv, x) -> x.add(x.getManager().create((float) x.getShape().get(2))), 0));
  }

  @Test
  public void whatNoFormatTakesFails() {
    Check.Outcome outcome = trace((conv, x) -> x.mul(x.onesLike()), Float.NaN);
    assertEquals(outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(
        outcome.sentence(),
        outcome.sentence().contains("networks with it cannot be exported as torchscript: "));
  }

  @Test
  public void sizesThatABackboneTakesAreUsed() {
    Backbone backbone =
        new Backbone() {
          @Override
          public List<Stage> stages(BackboneShape shape, Options options) {
            return Partners.BACKBONE.stages(shape, options);
          }

          @Override
          public ImageSizes sizes(Options options) {
            return new ImageSizes(32, 64);
          }
        };
    Check.Outcome outcome =
        BackboneChecks.TRACE.run(
            new Subject<>(Backbone.KIND, "test", backbone, Map.of(), Tools.onClassPath()));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }
}
