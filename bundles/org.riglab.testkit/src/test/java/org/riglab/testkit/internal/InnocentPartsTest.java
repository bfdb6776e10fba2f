package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.ConstantInitializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
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
}
