package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.ImageSizes;
import org.riglab.api.network.Stage;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.GateLayer;
import org.riglab.nn.Layer;
import org.riglab.nn.Sequence;

/** Parts that are in order and look as if they were not. */
public class InnocentPartsTest {
  /** Squeeze and excitation whose two hidden units are dead at first, as chance may have it. */
  private static final class FewHiddenUnits extends GateLayer {
    private final Conv2d squeeze;
    private final Conv2d excite;

    FewHiddenUnits(GateShape shape) {
      squeeze =
          addChildBlock(
              "squeeze",
              Conv2d.withBias(shape.mainFeedbackChannels(), 2, 1, 1, new ConstantInitializer(-1)));
      excite = addChildBlock("excite", Conv2d.withBias(2, shape.inputChannels(), 1, 1));
    }

    @Override
    protected NDArray forward(Context context, NDArray x, NDList feedback) {
      NDArray mean = Functional.globalAvgPool2d(feedback.head());
      NDArray hidden = Functional.relu(squeeze.forward(context, mean));
      return x.mul(Functional.sigmoid(excite.forward(context, hidden)));
    }
  }

  @Test
  public void deadUnits() {
    Gate gate = (shape, options) -> new FewHiddenUnits(shape);
    Check.Outcome outcome =
        GateChecks.GRADIENT.run(
            new Subject<>(Gate.KIND, "test", gate, Map.of(), Tools.onClassPath()));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }

  /** A convolution whose results are large sums that nearly cancel. */
  private static final class Sensitive extends Layer {
    private final Conv2d conv;

    Sensitive(int channels) {
      conv = addChildBlock("conv", Conv2d.withBias(channels, channels, 3, 1));
    }

    @Override
    public NDArray forward(Context context, NDArray x) {
      NDArray far = x.add(Functional.times(x.onesLike(), 1000));
      return conv.forward(context, far).sub(conv.forward(context, far.sub(x)));
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  @Test
  public void roundingOfDeepNetworks() {
    Backbone backbone =
        (shape, options) -> {
          List<Stage> stages = new ArrayList<>(Partners.BACKBONE.stages(shape, options));
          Stage last = stages.remove(stages.size() - 1);
          int out = last.outputChannels();
          stages.add(
              new Stage(
                  last.name(),
                  last.prefix(),
                  new Sequence(List.of((Layer) last.block(), new Sensitive(out))),
                  last.inputChannels(),
                  out,
                  last.stride()));
          return stages;
        };
    Check.Outcome outcome =
        BackboneChecks.COMPILED.run(
            new Subject<>(Backbone.KIND, "test", backbone, Map.of(), Tools.onClassPath()));
    assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
  }

  /** A backbone that splits images into tiles of 8 x 8. */
  private static final class Tiles implements Backbone {
    @Override
    public List<Stage> stages(BackboneShape shape, Options options) {
      List<Stage> stages = new ArrayList<>(Partners.BACKBONE.stages(shape, options));
      Stage first = stages.get(0);
      stages.set(
          0,
          new Stage(
              first.name(),
              first.prefix(),
              new Sequence(List.of(new Tiled(), (Layer) first.block())),
              first.inputChannels(),
              first.outputChannels(),
              first.stride()));
      return stages;
    }

    @Override
    public ImageSizes sizes(Options options) {
      return new ImageSizes(8, 40);
    }
  }

  private static final class Tiled extends Layer {
    @Override
    public NDArray forward(Context context, NDArray x) {
      Shape shape = x.getShape();
      Shape tiles = new Shape(shape.get(0), shape.get(1), shape.get(2) / 8, 8, shape.get(3) / 8, 8);
      return x.reshape(tiles).reshape(shape);
    }

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }
  }

  @Test
  public void backbonesOfSomeSizesOnly() {
    for (Check<Subject<Backbone>> check :
        List.of(BackboneChecks.STAGES, BackboneChecks.STATE, BackboneChecks.NETWORKS)) {
      Check.Outcome outcome =
          check.run(
              new Subject<>(Backbone.KIND, "test", new Tiles(), Map.of(), Tools.onClassPath()));
      assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
    }
    RigException refused =
        assertThrows(
            RigException.class,
            () ->
                Tools.onClassPath()
                    .assembler()
                    .assemble(
                        new NetworkSpec(
                            PartSpec.of("tiles"),
                            PartSpec.of("tiny"),
                            PartSpec.of("tiny"),
                            PartSpec.of("tiny"),
                            List.of(),
                            1,
                            4,
                            BatchNormPolicy.SHARED,
                            7),
                        new Tiles(),
                        Partners.HEAD,
                        Partners.GATE,
                        Partners.PARALLEL,
                        network -> {
                          Assembled trial = new Assembled(network);
                          NDArray image = trial.manager().zeros(new Shape(1, 3, 48, 47));
                          return network.forward(Trial.STORE, image, false, Assembled.QUIET);
                        }));
    assertEquals(
        "backbone tiles takes images with sides that are multiples of 8, and 40 or more, not 48x47;"
            + " the next valid size is 48x48",
        refused.getMessage());
  }
}
