package org.riglab.unrolls.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.GateShape;
import org.riglab.api.network.Pass;
import org.riglab.api.network.Stage;
import org.riglab.api.network.Unroll;
import org.riglab.api.network.UnrollSpec;
import org.riglab.nn.Functional;

/**
 * RCNN (Table 6, [31]): each iteration runs the network on the image beside the softmax of the last
 * prediction at the image's size, zeros at first.
 */
@Component
@Part(name = "network-wide", about = "RCNN: the image beside the last prediction, u times")
public final class NetworkWide implements Unroll {
  @Override
  public List<Integer> defaultFeedback() {
    return List.of();
  }

  @Override
  public int inputChannels(UnrollSpec spec, int classes, Options options) {
    return 3 + classes;
  }

  @Override
  public List<GateShape> gates(UnrollSpec spec, List<Stage> stages, Options options) {
    return List.of();
  }

  @Override
  public int applications(UnrollSpec spec, int block, Options options) {
    return spec.iterations();
  }

  @Override
  public NDList forward(Pass pass, NDArray image, Options options) {
    Shape size = image.getShape();
    NDArray label =
        image.getManager().zeros(new Shape(size.get(0), pass.classes(), size.get(2), size.get(3)));
    NDList logits = new NDList();
    for (int t = 1; t <= pass.spec().iterations(); t++) {
      if (t > 1) {
        NDArray last = Functional.interpolate(logits.get(t - 2), size.get(2), size.get(3));
        label = pass.feedback(t, last.softmax(1));
      }
      logits.add(FeedForward.through(pass, t, image.concat(label, 1)));
      if (t < pass.spec().iterations() && !pass.more(t, logits.get(t - 1))) {
        break;
      }
    }
    return logits;
  }
}
