package org.riglab.training.internal;

import java.util.List;
import java.util.Optional;
import org.riglab.networks.data.Batch;

/** Does the steps of a training. A step either happens or leaves the network as it was. */
interface Steps extends AutoCloseable {
  /** Keeps the optimizer's state; up to date after {@link #settle}. */
  Optimizer optimizer();

  /** The moving average of the weights, if the training has one; up to date as the optimizer. */
  Optional<MovingAverage> average();

  /** The halting head, if the training has one. */
  Optional<HaltingTraining> halting();

  Objective objective();

  /** Says that the network's parameters or the loss are new ones. */
  void renewed();

  /**
   * @param step 1 for the first
   * @return the learning rate of the backbone's group
   */
  double rate(long step);

  /**
   * The loss of a step.
   *
   * @param step 1 for the first
   * @param value of the loss, finite
   */
  record Loss(long step, double value) {}

  /** A step that was found to be wrong only after later ones; none of these changed anything. */
  final class LateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long step;
    private final transient List<Loss> before;

    /**
     * @param step number of the first that is wrong; the network is as it was before it
     * @param before losses of the steps before it that were not returned yet
     */
    LateException(long step, List<Loss> before) {
      super("step " + step);
      this.step = step;
      this.before = List.copyOf(before);
    }

    long step() {
      return step;
    }

    List<Loss> before() {
      return before;
    }
  }

  /**
   * Does a step. On a GPU the host does not wait for it: losses become known some steps later.
   *
   * @param step 1 for the first
   * @param batches one per forward pass
   * @return the losses that are known since the last call, in order
   * @throws Stepper.NotFiniteException if the loss or a gradient of this step is not finite
   * @throws LateException if one of an earlier step or of this one is not; the step that is named
   *     is to be done again after {@link #readThrough}, and says what is wrong
   * @throws Stepper.NotFiniteWeightException if a weight is not finite after the update
   * @throws org.riglab.training.StepEngine.LostException if a process that takes part is lost
   * @throws org.riglab.api.RigException if a part misbehaves
   */
  List<Loss> step(long step, List<Batch> batches);

  /**
   * Brings what the steps have changed to the session, the optimizer and the average.
   *
   * @return the losses that are known since the last call, of all steps so far
   * @throws LateException as of {@link #step}
   */
  List<Loss> settle();

  /**
   * Has the host wait for each step up to one.
   *
   * @param step the last of them
   */
  void readThrough(long step);

  /**
   * Finds out what made a loss not finite.
   *
   * @param batch that it is the loss of
   * @param failure what was thrown
   * @return words for an error message
   */
  String blame(Batch batch, Stepper.NotFiniteException failure);

  @Override
  void close();
}
