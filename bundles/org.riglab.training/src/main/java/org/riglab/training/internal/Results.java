package org.riglab.training.internal;

import java.util.List;
import org.riglab.api.bench.TrainSpec;
import org.riglab.api.bench.Training;

/** What came of a run. */
final class Results {
  private Results() {}

  /**
   * @param directory of the run
   * @param spec of the training
   * @param end how it ended
   * @param points of all steps
   * @param evaluations all of them
   * @param state counters at the end
   * @return what came of a run
   */
  static Training of(
      RunDirectory directory,
      TrainSpec spec,
      Training.End end,
      List<Training.Point> points,
      List<Training.Validation> evaluations,
      Checkpoints.State state) {
    double images = (double) state.step() * spec.budget().batch() * spec.budget().accumulation();
    return new Training(
        directory.name(),
        directory.path(),
        spec,
        end,
        List.copyOf(points),
        List.copyOf(evaluations),
        state.bestMIoU(),
        state.bestStep(),
        state.seconds() > 0 ? images / state.seconds() : 0,
        waiting(state));
  }

  /**
   * @param state counters
   * @return share of the time spent waiting for data, 0 to 1
   */
  static double waiting(Checkpoints.State state) {
    return state.warmSeconds() > 0 ? state.waitedSeconds() / state.warmSeconds() : 0;
  }
}
