package org.riglab.api.training;

import java.util.List;
import org.riglab.api.data.ClassTable;

/**
 * The properties of a training that a loss is created for.
 *
 * @param classes of the data; logits have one channel for each
 * @param predictions how many predictions the network makes, 1 or more
 * @param classWeights weight of each class's pixels, 0 or more; empty for 1 each
 * @param iterationWeights weight of each prediction, 0 or more, first iteration first; empty if the
 *     loss chooses them; most losses then use the last prediction only
 */
public record LossShape(
    ClassTable classes, int predictions, List<Double> classWeights, List<Double> iterationWeights) {
  /**
   * Copies the lists.
   *
   * @param classes see {@link #classes()}
   * @param predictions see {@link #predictions()}
   * @param classWeights see {@link #classWeights()}
   * @param iterationWeights see {@link #iterationWeights()}
   */
  public LossShape {
    classWeights = List.copyOf(classWeights);
    iterationWeights = List.copyOf(iterationWeights);
  }
}
