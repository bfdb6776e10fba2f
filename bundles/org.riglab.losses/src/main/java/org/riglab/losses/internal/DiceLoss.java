package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.training.Loss;
import org.riglab.api.training.LossShape;
import org.riglab.nn.Functional;
import org.riglab.nn.Predictions;

/**
 * The Dice loss (Milletari et al., V-Net, 3DV 2016, section 3) of the softmax, as {@code DiceLoss}
 * of segmentation_models.pytorch in mode multiclass: per class 1 - (2 I + 2 s) / (P + T + 2 s),
 * where I is the sum of the probabilities of the class over its pixels, P that over all labelled
 * pixels of the pass, T the number of its pixels, and s option {@code smooth}; then the mean over
 * all classes, weighted by the class weights. A class without pixels counts as 0. A step is the
 * mean of its passes.
 */
@Component
@Part(name = "dice", about = "1 minus the Dice coefficient of each class, over a batch")
public final class DiceLoss implements Loss {
  private static final double EPSILON = 1e-7;

  /** See {@link Provider#options()}. */
  @interface Config {
    /** Pixels of a class that are added to those found and to those there are, 0 or more. */
    double smooth() default 0;

    /** Whether the loss of a class is the negative logarithm of its coefficient. */
    boolean log() default false;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    Config config = options.as(Config.class);
    double smooth = config.smooth();
    boolean log = config.log();
    Range.require("dice", "smooth", smooth, smooth >= 0 && Double.isFinite(smooth), "0 or more");
    List<Double> classWeights = shape.classWeights();
    List<Double> weights = shape.iterationWeights();
    return (logits, label, total) ->
        Predictions.weighted(
            logits,
            weights,
            x -> Masks.mean(perClass(x, label, smooth, log), classWeights).div(total));
  }

  /** The loss of each class, (C). */
  private static NDArray perClass(NDArray x, NDArray label, double smooth, boolean log) {
    int[] pixels = {0, 2, 3};
    NDArray truth = Masks.classes(label, x).toType(DataType.FLOAT32, false);
    NDArray p = x.softmax(1).mul(Masks.labelled(label));
    NDArray size = truth.sum(pixels);
    NDArray both = Functional.times(p.mul(truth).sum(pixels), 2).add(Masks.number(2 * smooth, x));
    NDArray all = p.sum(pixels).add(size).add(Masks.number(2 * smooth, x));
    NDArray least = Masks.number(EPSILON, x);
    NDArray score = both.div(all.maximum(least));
    NDArray loss = log ? score.maximum(least).log().neg() : Masks.number(1, x).sub(score);
    return loss.mul(size.gt(0f).toType(DataType.FLOAT32, false));
  }
}
