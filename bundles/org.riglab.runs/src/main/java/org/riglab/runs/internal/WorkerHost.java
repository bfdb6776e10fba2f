package org.riglab.runs.internal;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** Starts workers. */
interface WorkerHost {
  /**
   * @throws org.riglab.api.RigException if no process can be started
   */
  Running start(Place place);

  /** Whether the server has been told to end: nothing begins any more. */
  default boolean ending() {
    return false;
  }

  /** A worker's process. */
  interface Running {
    /** How messages and people call it. */
    String title();

    /** What it reads. */
    OutputStream input();

    /** What it writes. */
    InputStream output();

    /** Completes with the exit status when it has ended; 128 + N after signal N. */
    CompletableFuture<Integer> exit();

    /** Ends it at once. */
    void kill();

    /** What the dying process left to say about why, if anything. */
    String lastWords();
  }
}
