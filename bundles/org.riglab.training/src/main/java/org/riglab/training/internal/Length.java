package org.riglab.training.internal;

/**
 * How long a run is.
 *
 * @param batches per epoch
 * @param perStep batches per step
 * @param epochs 0 to go by steps
 * @param givenSteps 0 to go by epochs
 */
record Length(long batches, long perStep, long epochs, long givenSteps) {
  /** Steps of the whole run. */
  long steps() {
    return givenSteps > 0 ? givenSteps : (epochs * batches + perStep - 1) / perStep;
  }

  /** Whether a step completes an epoch. */
  boolean endsEpoch(long step) {
    return step * perStep / batches > (step - 1) * perStep / batches;
  }
}
