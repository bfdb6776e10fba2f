package example.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/**
 * What matters (channels, as the whole feedback map decides) times where it matters (pixels, as
 * each place of the feedback decides), both between 0 and 2, as in CBAM (Woo et al., ECCV 2018).
 */
@Component
@Part(name = "attention", about = "channel times spatial attention")
public final class AttentionGate implements Gate {
  @Override
  public Block create(GateShape shape, Options options) {
    return new Attention(shape.mainFeedbackChannels(), shape.inputChannels());
  }

  private static final class Attention extends AbstractBlock {
    private final Conv2d channel;
    private final Conv2d spatial;

    Attention(int feedback, int channels) {
      channel = addChildBlock("channel", Conv2d.withBias(feedback, channels, 1, 1));
      spatial = addChildBlock("spatial", Conv2d.withBias(feedback, 1, 3, 1));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      NDArray x = in.get(0);
      NDArray feedback = in.get(1);
      NDArray mean = feedback.mean(new int[] {2}, true).mean(new int[] {3}, true);
      NDArray what = twice(Functional.sigmoid(channel.forward(store, mean, training)));
      NDArray where = twice(Functional.sigmoid(spatial.forward(store, feedback, training)));
      Shape size = x.getShape();
      return new NDList(x.mul(what).mul(Functional.interpolate(where, size.get(2), size.get(3))));
    }

    private static NDArray twice(NDArray map) {
      return map.add(
          map); // map.mul(2) would have a wrong gradient: docs/plugins.md, "A trap in DJL"
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
      getChildren().values().forEach(child -> child.initialize(manager, type, in[1]));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] in) {
      return new Shape[] {in[0]};
    }
  }
}
