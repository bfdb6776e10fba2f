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
   * Does a step.
   *
   * @param step 1 for the first
   * @param batches one per forward pass
   * @return the loss
   * @throws Stepper.NotFiniteException if it or a gradient is not finite
   * @throws Stepper.NotFiniteWeightException if a weight is not finite after the update
   * @throws org.riglab.training.StepEngine.LostException if a process that takes part is lost
   * @throws org.riglab.api.RigException if a part misbehaves
   */
  double step(long step, List<Batch> batches);

  /** Brings what the steps have changed to the session, the optimizer and the average. */
  void settle();

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
