package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
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
 * Online hard example mining (Shrivastava et al., CVPR 2016) of pixels: the mean cross entropy of
 * the pixels of a pass whose class has a probability below a limit. The limit is option {@code
 * threshold}, or the probability of the pixel up to which a share {@code kept} of the labelled
 * pixels lies, if that is larger. This is {@code OhemCrossEntropy} of HRNet's semantic segmentation
 * with {@code min_kept = kept * pixels}. A pixel is weighted by its class's weight; the divisor is
 * the number of pixels. A step is the mean of its passes.
 */
@Component
@Part(name = "ohem", about = "cross entropy of the pixels that are hardest to classify")
public final class OhemLoss implements Loss {
  private static final String NAME = "ohem";
  private static final double BEHIND = 2;

  /** See {@link Provider#options()}. */
  @interface Config {
    /** Probability of its class below which a pixel is hard, more than 0 to 1. */
    double threshold() default 0.7;

    /** Least share of the labelled pixels of a batch that count, 0 to 1. */
    double kept() default 0.0625;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    Config config = options.as(Config.class);
    double threshold = config.threshold();
    double kept = config.kept();
    Range.require(
        NAME, "threshold", threshold, threshold > 0 && threshold <= 1, "more than 0, at most 1");
    Range.require(NAME, "kept", kept, kept >= 0 && kept <= 1, "0 to 1");
    CrossEntropy entropy = new CrossEntropy(Dataset.VOID, shape.classWeights());
    List<Double> weights = shape.iterationWeights();
    return (logits, label, total) ->
        Predictions.weighted(
            logits, weights, x -> mean(entropy, x, label, threshold, kept).div(total));
  }

  private static NDArray mean(
      CrossEntropy entropy, NDArray x, NDArray label, double threshold, double kept) {
    NDArray log = entropy.logProbability(x, label);
    NDArray labelled = label.neq(Dataset.VOID);
    NDArray hard = hard(log.stopGradient().exp(), labelled, threshold, kept);
    NDArray sum = log.mul(entropy.weights(label, x.getManager())).mul(hard).sum().neg();
    return sum.div(CrossEntropy.divisor(hard.sum()));
  }

  /** 1 for the pixels that count, 0 for the others, (N, H, W). */
  private static NDArray hard(NDArray p, NDArray labelled, double threshold, double kept) {
    NDArray counts = labelled.toType(p.getDataType(), false);
    NDArray void2 = Masks.number(1, p).sub(counts).mul(Masks.number(BEHIND, p));
    NDArray sorted = p.mul(counts).add(void2).reshape(-1).sort(0);
    NDArray pixels = labelled.toType(DataType.INT64, false).sum();
    NDArray last = pixels.sub(1).maximum(0);
    NDArray wanted =
        pixels
            .toType(DataType.FLOAT32, false)
            .mul(Masks.number(kept, p))
            .floor()
            .toType(DataType.INT64, false);
    NDArray limit =
        sorted.gather(wanted.minimum(last).reshape(1), 0).maximum(Masks.number(threshold, p));
    return p.lt(limit).toType(DataType.FLOAT32, false).mul(counts);
  }
}
