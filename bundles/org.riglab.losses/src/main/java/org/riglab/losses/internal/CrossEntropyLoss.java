package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.LossShape;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Predictions;

/** Cross entropy, mean over the pixels that are not void, each weighted by its class's weight. */
@Component
@Part(name = "cross-entropy", about = "cross entropy per pixel")
public final class CrossEntropyLoss implements Loss {
  @Override
  public Criterion create(LossShape shape, Options options) {
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, shape.classWeights());
    List<Double> weights = shape.iterationWeights();
    return new Criterion() {
      @Override
      public NDArray weight(NDArray label) {
        return entropy.weight(label, label.getManager());
      }

      @Override
      public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
        return Predictions.weighted(logits, weights, x -> entropy.sum(x, label).div(total));
      }
    };
  }
}
