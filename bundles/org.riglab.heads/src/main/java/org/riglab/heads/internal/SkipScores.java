package org.riglab.heads.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import org.riglab.api.network.Stage;
import org.riglab.nn.AbstractLayer;
import org.riglab.nn.Context;
import org.riglab.nn.Conv2d;
import org.riglab.nn.Functional;

/**
 * The classifier of FCN-16s and FCN-8s (Long et al., CVPR 2015, section 4.2): 1x1 convolutions
 * score the coarsest features and those that were kept; from coarse to fine, scores are enlarged
 * bilinearly to the next finer ones' size and added to them. Maps {@code (feature, kept...)}, the
 * finest kept first, to the finest scores.
 *
 * <p>The coarse scores' parameters have the names of a plain FCN's; those of the kept features
 * start at zero, so that the network starts as that FCN, as in the paper.
 */
final class SkipScores extends AbstractLayer {
  private final Conv2d coarse;
  private final List<Conv2d> fine = new ArrayList<>();

  /**
   * @param in channels of the coarsest features
   * @param kept the stages whose features are carried along, the finest first
   * @param classes channels of the scores
   */
  SkipScores(int in, List<Stage> kept, int classes) {
    coarse = addChildBlock("classifier", Conv2d.withBias(in, classes, 1, 1));
    for (Stage stage : kept) {
      fine.add(
          addChildBlock(
              "classifier.skip" + stage.stride(),
              Conv2d.withBias(
                  stage.outputChannels(), classes, 1, 1, Initializer.ZEROS, Initializer.ZEROS)));
    }
  }

  @Override
  public NDList forward(Context context, NDList inputs) {
    NDArray scores = coarse.forward(context, inputs.head());
    for (int i = fine.size() - 1; i >= 0; i--) {
      NDArray finer = fine.get(i).forward(context, inputs.get(i + 1));
      scores = Functional.interpolate(scores, finer).add(finer);
    }
    return new NDList(scores);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {fine.get(0).outputShape(inputs[1])};
  }
}
