package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.Test;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Stage;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;
import org.riglab.nn.Functional;
import org.riglab.nn.Layer;

/** Running statistics to which the batch norm policy of a network would not apply are found. */
public class RunningStatisticsTest {
  private static void fails(Check<Subject<Backbone>> check, Backbone backbone, String part) {
    Check.Outcome outcome =
        check.run(new Subject<>(Backbone.KIND, "test", backbone, Map.of(), Tools.onClassPath()));
    assertEquals(outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
  }

  /** Stages whose last one ends with something that is made anew at each call. */
  private static Backbone ending(Function<Integer, Block> norm) {
    return (shape, options) -> {
      List<Stage> stages = new ArrayList<>(Partners.BACKBONE.stages(shape, options));
      Stage last = stages.remove(stages.size() - 1);
      int out = last.outputChannels();
      stages.add(
          new Stage(
              last.name(),
              last.prefix(),
              new Two(last.block(), norm.apply(out)),
              last.inputChannels(),
              out,
              last.stride()));
      return stages;
    };
  }

  /** One block after the other. */
  private static final class Two extends AbstractLayer {
    private final Block first;
    private final Block second;

    Two(Block first, Block second) {
      this.first = addChildBlock("0", first);
      this.second = addChildBlock("1", second);
    }

    @Override
    public NDList forward(Context context, NDList inputs) {
      return context.forward(second, context.forward(first, inputs));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputs) {
      first.initialize(manager, type, inputs);
      second.initialize(manager, type, first.getOutputShapes(inputs));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return first.getOutputShapes(inputs);
    }
  }

  /** Batch norm of one's own, as a port of a network may have it. */
  private static final class OwnNorm extends Layer {
    private final Parameter mean;

    OwnNorm(int channels, Parameter.Type type) {
      mean =
          addParameter(
              Parameter.builder()
                  .setName("running_mean")
                  .setType(type)
                  .optRequiresGrad(false)
                  .optShape(new Shape(channels))
                  .optInitializer(Initializer.ZEROS)
                  .build());
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray kept = context.value(mean, x);
      NDArray now = Functional.globalAvgPool2d(x).mean(new int[] {0}, true);
      if (context.training()) {
        kept.set(new NDIndex("..."), now.reshape(-1).stopGradient());
        return x.sub(now);
      }
      return x.sub(kept.reshape(1, -1, 1, 1));
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  /** The same without a parameter. */
  private static final class HiddenNorm extends Layer {
    private float kept;

    @Override
    public NDArray forward(Context context, NDArray x) {
      if (context.training()) {
        kept = x.stopGradient().mean().getFloat();
      }
      return x.sub(x.getManager().create(kept));
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  @Test
  public void statisticsThatTheBenchCannotSee() {
    fails(
        BackboneChecks.NETWORKS,
        ending(channels -> new OwnNorm(channels, Parameter.Type.RUNNING_MEAN)),
        "block 2 contains org.riglab.testkit.internal.RunningStatisticsTest$OwnNorm, whose running"
            + " statistics Riglab cannot keep per iteration");
    fails(
        BackboneChecks.NETWORKS,
        ending(channels -> new OwnNorm(channels, Parameter.Type.OTHER)),
        "a pass in training changes backbone.b2.1.running_mean");
    fails(
        BackboneChecks.NETWORKS,
        ending(channels -> new HiddenNorm()),
        "changes the result of evaluation, but no parameter");
    fails(
        BackboneChecks.NETWORKS,
        ending(channels -> BatchNorm.builder().build()),
        "block 2 contains ai.djl.nn.norm.BatchNorm, whose running statistics");
  }
}
