package org.riglab.losses.internal;

import ai.djl.ndarray.NDArray;
import java.lang.annotation.Annotation;
import java.util.Collections;
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
import org.riglab.nn.Functional;

/**
 * The coarse-to-fine loss of Zamir et al. (Feedback Networks, CVPR 2017, section 3.3): the loss of
 * iteration t of u is (t-1)/(u-1) times the cross entropy of the classes plus the rest times that
 * of superclasses.
 */
@Component
@Part(
    name = "coarse-to-fine",
    about = "from superclasses in the first iteration to classes in the last")
public final class CoarseToFine implements Loss {
  /** See {@link Provider#options()}. */
  @interface Config {
    /** Superclasses: camvid, cocostuff10k, voc2012 or a file. */
    String table() default "voc2012";
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Criterion create(LossShape shape, Options options) {
    List<Integer> superclasses = Superclasses.of(options.as(Config.class).table(), shape.classes());
    if (shape.predictions() < 2) {
      throw new RigException(
          "loss coarse-to-fine goes over two predictions or more; the"
              + " network makes 1 prediction");
    }
    List<Double> weights =
        shape.iterationWeights().isEmpty()
            ? Collections.nCopies(shape.predictions(), 1.0)
            : shape.iterationWeights();
    return new Mixed(
        new CrossEntropy(Dataset.VOID, shape.classWeights(), superclasses), superclasses, weights);
  }

  private record Mixed(CrossEntropy entropy, List<Integer> superclasses, List<Double> weights)
      implements Criterion {
    @Override
    public NDArray weight(NDArray label) {
      return entropy.weight(label, label.getManager());
    }

    @Override
    public NDArray loss(List<NDArray> logits, NDArray label, NDArray total) {
      NDArray sum = null;
      for (int i = 0; i < logits.size(); i++) {
        double weight = weights.get(i);
        if (weight != 0) {
          double fine = i / (logits.size() - 1.0);
          NDArray share = entropy.sum(logits.get(i), label, fine).div(total);
          NDArray weighted = weight == 1 ? share : Functional.times(share, weight);
          sum = sum == null ? weighted : sum.add(weighted);
        }
      }
      return sum;
    }

    @Override
    public String fingerprint() {
      return superclasses.toString();
    }
  }
}
