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

/** Every block once, no gates: the plain network. */
@Component
@Part(name = "feed-forward", about = "every block once, no gates")
public final class FeedForward implements Unroll {
  @Override
  public List<Integer> defaultFeedback() {
    return List.of();
  }

  @Override
  public int defaultIterations() {
    return 1;
  }

  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    return List.of();
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return 1;
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    return new NDList(through(pass, 1, image));
  }

  /** Runs every block once and returns the logits. */
  static NDArray through(Pass pass, int iteration, NDArray image) {
    NDList y = new NDList(image);
    for (int k = 1; k <= pass.blocks(); k++) {
      y = pass.block(k, iteration, y);
    }
    return y.head();
  }
}
