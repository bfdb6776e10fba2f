package org.riglab.api.bench;

import java.util.List;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Scores;

/**
 * The result of an evaluation.
 *
 * @param spec of the evaluation
 * @param networkSpec the network at that time
 * @param parts parts of the network, data set and metrics, with version and digest
 * @param fingerprint of the split
 * @param classes by label
 * @param images number of evaluated images
 * @param iterations scores per prediction, in the order of iterations
 * @param imagesPerSecond over all images
 * @param cost of the predictions. If fewer predictions are computed for some images, the last one
 *     is carried forward: {@code iterations} holds the scores over all images for each prediction
 * @param perImage counts of every image in order; empty unless {@link EvalSpec#perImage}
 */
public record Evaluation(
    EvalSpec spec,
    NetworkSpec networkSpec,
    List<PartInfo> parts,
    String fingerprint,
    ClassTable classes,
    int images,
    List<Scores> iterations,
    double imagesPerSecond,
    Cost cost,
    List<ImageScore> perImage) {
  /**
   * @return the scores of the last iteration, which is the result of the network
   */
  public Scores answer() {
    return iterations.get(iterations.size() - 1);
  }
}
