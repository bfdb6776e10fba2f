package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.lang.annotation.Annotation;
import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.Provider;
import org.riglab.api.RigException;
import org.riglab.api.data.Dataset;
import org.riglab.api.training.Loss;
import org.riglab.api.training.LossShape;
import org.riglab.nn.CrossEntropy;
import org.riglab.nn.Predictions;

/**
 * The focal loss (Lin et al., ICCV 2017, equation 4), mean over the pixels that are not void. Of
 * the softmax: -(1 - p)^gamma log p, where p is the probability of the pixel's class; each pixel is
 * weighted by its class's weight. Of sigmoids: the sum of one binary focal loss per class, as
 * {@code torchvision.ops.sigmoid_focal_loss}, and the mean over the classes, weighted by the class
 * weights, as {@code FocalLoss} of segmentation_models.pytorch in mode multiclass.
 */
@Component
@Part(name = "focal", about = "cross entropy that counts well classified pixels less")
public final class FocalLoss implements Loss {
  private static final String NAME = "focal";
  private static final double NONE = -1;

  /** The derivative of a root is infinite at 0. */
  private static final double LEAST = 1e-12;

  /** See {@link Provider#options()}. */
  @interface Config {
    /** How much less well classified pixels count, 0 or more; 0 is the cross entropy. */
    double gamma() default 2;

    /** Whether each class has a sigmoid of its own rather than all a softmax. */
    boolean sigmoid() default false;

    /** Weight of a class's own pixels, 0 to 1, against 1 - alpha of all others; -1 for none. */
    double alpha() default NONE;
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    Config config = options.as(Config.class);
    double gamma = config.gamma();
    double alpha = config.alpha();
    Range.require(NAME, "gamma", gamma, gamma >= 0 && Double.isFinite(gamma), "0 or more");
    Range.require(
        NAME, "alpha", alpha, alpha == NONE || alpha >= 0 && alpha <= 1, "0 to 1, or -1 for none");
    if (alpha != NONE && !config.sigmoid()) {
      throw new RigException(
          "loss focal: option 'alpha' is for sigmoid=true; with a softmax use class_weights");
    }
    return config.sigmoid() ? new Sigmoids(shape, gamma, alpha) : new Softmax(shape, gamma);
  }

  /** Base to the power of gamma; the base is 0 or more. */
  private static NDArray power(NDArray base, double gamma) {
    NDArray x = gamma > 0 && gamma < 1 ? base.maximum(Masks.number(LEAST, base)) : base;
    return x.pow(Masks.number(gamma, base));
  }

  private record Softmax(CrossEntropy entropy, List<Double> iterations, double gamma)
      implements Criterion {
    Softmax(LossShape shape, double gamma) {
      this(new CrossEntropy(Dataset.VOID, shape.classWeights()), shape.iterationWeights(), gamma);
    }

    @Override
    public NDArray weight(NDArray label) {
      return entropy.weight(label, label.getManager());
    }

    @Override
    public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
      return Predictions.weighted(logits, iterations, x -> sum(x, label).div(total));
    }

    private NDArray sum(NDArray x, NDArray label) {
      NDArray log = entropy.logProbability(x, label);
      NDArray rest = Masks.number(1, x).sub(log.exp());
      return power(rest, gamma).mul(log).mul(entropy.weights(label, x.getManager())).sum().neg();
    }
  }

  private record Sigmoids(List<Double> classes, List<Double> iterations, double gamma, double alpha)
      implements Criterion {
    Sigmoids(LossShape shape, double gamma, double alpha) {
      this(shape.classWeights(), shape.iterationWeights(), gamma, alpha);
    }

    @Override
    public NDArray weight(NDArray label) {
      return Masks.labelled(label).sum();
    }

    @Override
    public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
      return Predictions.weighted(
          logits, iterations, x -> Masks.mean(perClass(x, label), classes).div(total));
    }

    /** The sum over the pixels for each class, (C). */
    private NDArray perClass(NDArray x, NDArray label) {
      NDArray truth = Masks.classes(label, x).toType(DataType.FLOAT32, false);
      NDArray two = Masks.number(2, x);
      NDArray p = x.getNDArrayInternal().sigmoid();
      NDArray entropy = x.getNDArrayInternal().softPlus().sub(x.mul(truth));
      NDArray rest = p.add(truth).sub(p.mul(truth).mul(two)); // 1 - p for the class, p for others
      NDArray loss = power(rest, gamma).mul(entropy);
      if (alpha != NONE) {
        NDArray own = truth.mul(Masks.number(2 * alpha - 1, x));
        loss = loss.mul(own.add(Masks.number(1 - alpha, x)));
      }
      return loss.mul(Masks.labelled(label)).sum(new int[] {0, 2, 3});
    }
  }
}
