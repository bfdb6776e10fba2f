package org.riglab.training.internal;

import java.util.ArrayDeque;
import java.util.Deque;

/** The steps of a run whose losses are not known yet, in order. */
final class Outstanding {
  private final Deque<Ran> steps = new ArrayDeque<>();
  private Checkpoints.State before;

  /**
   * A step.
   *
   * @param state counters after it
   * @param rate learning rate
   * @param seconds that it took
   */
  record Ran(Checkpoints.State state, double rate, double seconds) {}

  /**
   * @param state counters before the step
   * @param ran the step
   */
  void add(Checkpoints.State state, Ran ran) {
    if (steps.isEmpty()) {
      before = state;
    }
    steps.add(ran);
  }

  /** Takes out the first one. */
  Ran first() {
    Ran first = steps.remove();
    before = first.state;
    return first;
  }

  /**
   * Forgets all.
   *
   * @return the counters before the first
   */
  Checkpoints.State drop() {
    steps.clear();
    return before;
  }
}
