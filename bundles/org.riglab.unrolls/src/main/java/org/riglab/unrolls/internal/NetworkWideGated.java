package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;

/**
 * Table 6: each iteration runs the network; from iteration 2 the image is gated by the last block's
 * output of the iteration before.
 */
@Component
@Part(name = "network-wide-gated", about = "the image gated by the last logits, u times")
public final class NetworkWideGated implements Unroll {
  @Override
  public List<Integer> defaultFeedback() {
    return List.of();
  }

  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    return List.of(
        new GateShape(
            1,
            stages.get(0).inputChannels(),
            List.of(stages.get(stages.size() - 1).outputChannels())));
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return spec.iterations();
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    NDList logits = new NDList(FeedForward.through(pass, 1, image));
    for (int t = 2; t <= pass.spec().iterations() && pass.more(t - 1, logits.get(t - 2)); t++) {
      NDArray gated = pass.gate(1, t, new NDList(image), logits.get(t - 2)).head();
      logits.add(FeedForward.through(pass, t, gated));
    }
    return logits;
  }
}
