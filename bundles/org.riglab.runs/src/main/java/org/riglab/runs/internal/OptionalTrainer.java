package org.riglab.runs.internal;

import org.riglab.api.RigException;
import org.riglab.api.bench.Trainer;
import org.riglab.api.lab.Run;

/**
 * The trainer, which an installation may lack.
 *
 * @param service null where there is none
 */
record OptionalTrainer(Trainer service) {
  /**
   * @throws RigException UNAVAILABLE if there is no trainer
   */
  Trainer get() {
    if (service == null) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "trainings require the feature training, which is not installed");
    }
    return service;
  }

  /**
   * @throws RigException UNAVAILABLE if a run of this kind needs a trainer and there is none
   */
  void require(Run.Kind kind) {
    if (kind == Run.Kind.TRAIN) {
      var unused = get();
    }
  }
}
