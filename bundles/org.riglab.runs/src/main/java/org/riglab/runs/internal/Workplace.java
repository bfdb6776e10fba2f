package org.riglab.runs.internal;

/** Where a server works. */
interface Workplace {
  /**
   * Begins to work on the queue.
   *
   * @throws org.riglab.api.RigException if another process does, or the store cannot be opened
   */
  void serve();

  /** Ends it: every run ends its step and writes a checkpoint. */
  void drain();
}
