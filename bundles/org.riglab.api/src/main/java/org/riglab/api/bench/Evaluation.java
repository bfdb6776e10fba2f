package org.riglab.api.bench;

import java.util.List;
import org.riglab.api.data.ClassTable;
import org.riglab.api.metric.Scores;

/**
 * What came of an evaluation.
 *
 * @param spec what was asked for
 * @param networkSpec the network at that time
 * @param parts the network's parts, the data set's and the metrics', with version and digest
 * @param fingerprint of the split
 * @param classes by label
 * @param images how many were evaluated
 * @param iterations scores per prediction, in the order of iterations
 * @param imagesPerSecond over all images
 */
public record Evaluation(
    EvalSpec spec,
    NetworkSpec networkSpec,
    List<PartInfo> parts,
    String fingerprint,
    ClassTable classes,
    int images,
    List<Scores> iterations,
    double imagesPerSecond) {
  /**
   * @return the last iteration's scores: the network's answer
   */
  public Scores answer() {
    return iterations.get(iterations.size() - 1);
  }
}
