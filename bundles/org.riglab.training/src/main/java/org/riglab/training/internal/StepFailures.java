package org.riglab.training.internal;

import java.util.List;
import org.riglab.api.RigException;
import org.riglab.networks.data.Batch;
import org.riglab.training.StepEngine;

/** Says in one line why a run cannot go on after a step. */
final class StepFailures {
  private final Steps stepper;
  private final CheckpointWriter checkpoints;
  private final String network;

  /**
   * @param stepper did the step
   * @param checkpoints know where the last one is
   * @param network its name
   */
  StepFailures(Steps stepper, CheckpointWriter checkpoints, String network) {
    this.stepper = stepper;
    this.checkpoints = checkpoints;
    this.network = network;
  }

  RigException notFinite(long number, List<Batch> batches, Stepper.NotFiniteException e) {
    String what =
        e.batch().isPresent()
            ? "the loss of step %d is %s: %s"
                .formatted(
                    number, e.getMessage(), stepper.blame(batches.get(e.batch().getAsInt()), e))
            : "a gradient of step %d is not finite, first in %s".formatted(number, e.getMessage());
    return notFinite(what, e);
  }

  RigException notFinite(Stepper.NotFiniteWeightException e) {
    return notFinite(
        "'%s' is not finite after step %d (lr %s)"
            .formatted(e.getMessage(), e.step(), stepper.rate(e.step())),
        e);
  }

  private RigException notFinite(String what, RuntimeException e) {
    return new RigException(
        "%s; %s; a smaller lr or clip_norm usually helps".formatted(what, checkpoints.where()), e);
  }

  String lost(long number, StepEngine.LostException e) {
    return "step %d: %s; %s; 'train %s --resume' continues"
        .formatted(number, e.getMessage(), checkpoints.where(), network);
  }
}
