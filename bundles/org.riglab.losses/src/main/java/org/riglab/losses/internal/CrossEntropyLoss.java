package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.LossShape;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Predictions;

/**
 * Cross entropy, mean over the pixels that are not void, each weighted by its class's weight; with
 * label smoothing as in {@code torch.nn.CrossEntropyLoss}.
 */
@Component
@Part(name = "cross-entropy", about = "cross entropy per pixel")
public final class CrossEntropyLoss implements Loss {
  /** See {@link Provider#options()}. */
  @interface Config {
    /** Share of the target that is spread evenly over all classes, 0 to less than 1. */
    double labelSmoothing() default 0;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    double smoothing = options.as(Config.class).labelSmoothing();
    Range.require(
        "cross-entropy",
        "label_smoothing",
        smoothing,
        smoothing >= 0 && smoothing < 1,
        "0 or more and less than 1");
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, shape.classWeights());
    List<Double> weights = shape.iterationWeights();
    return new Criterion() {
      @Override
      public NDArray weight(NDArray label) {
        return entropy.weight(label, label.getManager());
      }

      @Override
      public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
        return Predictions.weighted(
            logits,
            weights,
            x ->
                (smoothing == 0 ? entropy.sum(x, label) : entropy.smoothedSum(x, label, smoothing))
                    .div(total));
      }
    };
  }
}
