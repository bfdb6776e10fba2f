package org.riglab.api.training;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** A loss: the function of logits and labels that a training minimises. */
@ConsumerType
public interface Loss extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "loss";

  /**
   * Creates the loss of one training.
   *
   * @param shape of the training
   * @param options see {@link #options()}
   * @return the loss
   * @throws org.riglab.api.RigException if the loss does not support the training; the message
   *     states what it supports
   */
  Criterion create(LossShape shape, Options options);

  /**
   * The loss of one training. Stateless. A loss that uses array operations only is recorded and
   * compiled; one that reads values runs eagerly.
   */
  @ConsumerType
  @FunctionalInterface
  interface Criterion {
    /**
     * Computes the contribution of one forward pass to the loss of a step. The contributions of all
     * passes of a step are added.
     *
     * @param logits of each prediction, first iteration first, each (N, C, H, W), float32, at the
     *     size of the labels
     * @param label (N, H, W), int64, 0 to C-1 or {@link org.riglab.api.data.Dataset#VOID}
     * @param total sum of {@link #weight} over all passes of the step, a scalar, float32, never 0
     * @return a scalar, float32, attached to the logits' manager
     */
    NDArray loss(List<NDArray> logits, NDArray label, NDArray total);

    /**
     * Computes the weight of one forward pass within a step: for a mean over pixels, the total
     * weight of the pixels that are not void. No gradient is computed for it.
     *
     * @param label (N, H, W), int64, 0 to C-1 or {@link org.riglab.api.data.Dataset#VOID}
     * @return a scalar, float32, 0 or more; by default 1, so that a step is a mean over passes
     */
    default NDArray weight(NDArray label) {
      return label.getManager().create(1f);
    }

    /**
     * Distinguishes losses with equal options, for example by the content of a file. A run whose
     * fingerprint has changed cannot be resumed.
     *
     * @return any text; by default empty
     */
    default String fingerprint() {
      return "";
    }
  }
}
