package example.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;
import org.riglab.nn.GateLayer;

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

  private static final class Attention extends GateLayer {
    private final Conv2d channel;
    private final Conv2d spatial;

    Attention(int feedback, int channels) {
      channel = addChildBlock("channel", Conv2d.withBias(feedback, channels, 1, 1));
      spatial = addChildBlock("spatial", Conv2d.withBias(feedback, 1, 3, 1));
    }

    @Override
    protected NDArray forward(Context context, NDArray x, NDList feedback) {
      NDArray last = feedback.head();
      NDArray mean = Functional.globalAvgPool2d(last);
      NDArray what = Functional.times(Functional.sigmoid(channel.forward(context, mean)), 2);
      NDArray where = Functional.times(Functional.sigmoid(spatial.forward(context, last)), 2);
      return x.mul(what).mul(Functional.interpolate(where, x));
    }
  }
}
