package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.training.Loss;
import org.riglab.api.training.LossShape;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Predictions;

/**
 * The Lovasz-softmax loss (Berman et al., CVPR 2018, equation 13): per class the Lovasz extension
 * of 1 minus the Jaccard index, of the errors of the softmax; then the mean over the classes that
 * occur, weighted by the class weights. It equals the authors' {@code lovasz_softmax} with classes
 * 'present'. A step is the mean of its passes.
 */
@Component
@Part(name = "lovasz-softmax", about = "surrogate of 1 minus the IoU of the classes that occur")
public final class LovaszLoss implements Loss {
  /** See {@link Provider#options()}. */
  @interface Config {
    /** Whether it is the mean over images rather than one of the whole batch. */
    boolean perImage() default false;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    boolean perImage = options.as(Config.class).perImage();
    List<Double> classes = shape.classWeights();
    List<Double> iterations = shape.iterationWeights();
    return (logits, label, total) ->
        Predictions.weighted(logits, iterations, x -> loss(x, label, perImage, classes).div(total));
  }

  private static NDArray loss(
      NDArray x, NDArray label, boolean perImage, List<Double> classWeights) {
    NDArray truth = Masks.classes(label, x);
    NDArray hit = truth.toType(DataType.FLOAT32, false);
    NDArray errors = hit.sub(x.softmax(1)).abs();
    // void comes behind everything else, and counts as 0 there
    NDArray labelled = Masks.labelled(label);
    NDArray keys = errors.mul(labelled).add(labelled.sub(Masks.number(1, x)));
    NDArray rows = rows(keys, perImage);
    NDArray order = rows.stopGradient().argSort(2, false);
    NDArray own = rows(truth.toType(DataType.INT64, false), perImage);
    NDArray sorted = rows.gather(order, 2).getNDArrayInternal().relu();
    NDArray each = sorted.mul(steps(own.gather(order, 2))).sum(new int[] {2});
    NDArray present = own.sum(new int[] {2}).gt(0).toType(DataType.FLOAT32, false);
    NDArray weights = classWeights.isEmpty() ? present : present.mul(Masks.table(classWeights, x));
    int[] channels = {1};
    NDArray divisor = CrossEntropy.divisor(weights.sum(channels));
    return each.mul(weights).sum(channels).div(divisor).mean();
  }

  /** From (N, C, H, W) to one row of pixels per image or batch and class, (R, C, pixels). */
  private static NDArray rows(NDArray x, boolean perImage) {
    Shape shape = x.getShape();
    if (perImage) {
      return x.reshape(shape.get(0), shape.get(1), shape.get(2) * shape.get(3));
    }
    return x.transpose(1, 0, 2, 3)
        .reshape(1, shape.get(1), shape.get(0) * shape.get(2) * shape.get(3));
  }

  /**
   * The gradient of the Lovasz extension (algorithm 1 of the paper): by how much 1 minus the
   * Jaccard index grows with each error.
   *
   * @param own (R, C, P), int64: whether the pixel with the n-th largest error is one of the class.
   *     Whole numbers are added in any order to the same result
   * @return (R, C, P), float32
   */
  private static NDArray steps(NDArray own) {
    long pixels = own.getShape().get(2);
    NDArray count = own.sum(new int[] {2}, true);
    NDArray seen = own.cumSum(2);
    NDArray place = own.getManager().ones(new Shape(1, 1, pixels), DataType.INT64).cumSum(2);
    NDArray intersection = count.sub(seen).toType(DataType.FLOAT32, false);
    NDArray union = count.add(place).sub(seen).toType(DataType.FLOAT32, false);
    NDArray jaccard = Masks.number(1, own).sub(intersection.div(union));
    if (pixels == 1) {
      return jaccard;
    }
    NDArray first = jaccard.get(new NDIndex(":, :, 0:1"));
    NDArray before = jaccard.get(new NDIndex(":, :, 0:{}", pixels - 1));
    NDArray after = jaccard.get(new NDIndex(":, :, 1:{}", pixels));
    return NDArrays.concat(new NDList(first, after.sub(before)), 2);
  }
}
