package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.riglab.api.RigException;

/**
 * Asynchronous successive halving (Li et al., A System for Massively Parallel Hyperparameter
 * Tuning, MLSys 2020). A trial that reaches a rung goes on while it is among the best 1/eta of the
 * trials that have reached this rung so far, but at least the best one does. One that does not is
 * stopped there, and goes on later if it is among them then.
 *
 * @param first steps of the first rung, 1 or more
 * @param eta 2 or more
 * @param steps of a whole training
 */
record Asha(long first, int eta, long steps) {
  /**
   * @param text {@code STEPS[:ETA]}; ETA is 3 without it
   * @param steps of a whole training
   * @return the rungs
   */
  static Asha of(String text, long steps) {
    if (!text.matches("[1-9][0-9]{0,9}(:[1-9][0-9]{0,3})?")) {
      throw new RigException(
          "--asha is '" + text + "'; expected STEPS or STEPS:ETA, for example 100:3");
    }
    String[] words = text.split(":");
    Asha asha =
        new Asha(
            Long.parseLong(words[0]), words.length > 1 ? Integer.parseInt(words[1]) : 3, steps);
    if (asha.eta < 2 || asha.first >= steps) {
      throw new RigException(
          String.format(
              Locale.ROOT,
              "--asha is '%s'; expected an ETA of 2 or more, and STEPS below the %d steps of a"
                  + " training (--steps)",
              text,
              steps));
    }
    return asha;
  }

  /** The steps at which trials are compared, ascending; all are less than those of a training. */
  List<Long> rungs() {
    List<Long> rungs = new ArrayList<>();
    for (long rung = first; rung < steps; rung *= eta) {
      rungs.add(rung);
    }
    return rungs;
  }

  /**
   * @param trials all of them
   * @param rung index of a rung
   * @return the trials that may go beyond the rung and did not yet, the best first
   */
  List<TrialState> promotable(List<TrialState> trials, int rung) {
    List<TrialState> there =
        trials.stream()
            .filter(trial -> trial.rungs.containsKey(rung))
            .sorted(
                Comparator.comparingDouble((TrialState trial) -> -trial.rungs.get(rung))
                    .thenComparing(trial -> trial.number))
            .toList();
    return there.stream()
        .limit(Math.max(1, there.size() / eta))
        .filter(trial -> !trial.promoted.contains(rung))
        .toList();
  }

  /** The rung at which a trial has to stop; empty if it may go on. */
  static Optional<Integer> barrier(TrialState trial) {
    return trial.rungs.keySet().stream().filter(rung -> !trial.promoted.contains(rung)).findFirst();
  }
}
