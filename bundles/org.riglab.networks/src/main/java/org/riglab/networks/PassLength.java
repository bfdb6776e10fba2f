package org.riglab.networks;

import java.util.Optional;
import org.riglab.api.bench.Compiler.Continuation;

/**
 * How a pass of inference runs its iterations.
 *
 * @param iterations the most; 0 for those of the network's spec. Iterations beyond the trained ones
 *     use the last set of batch norm statistics
 * @param continuation is asked after each prediction; empty to run all iterations
 * @param filter of the feedback; empty to leave it. A pass with a filter runs eagerly
 */
public record PassLength(
    int iterations, Optional<Continuation> continuation, Optional<FeedbackFilter> filter) {
  /**
   * The largest number of iterations of a network or a pass. A pass of more would take minutes to
   * hours, in which it cannot be interrupted while it is compiled.
   */
  public static final int MOST = 1000;

  /** All iterations of the spec. */
  public static final PassLength WHOLE = new PassLength(0, Optional.empty());

  /** Without a filter. */
  public PassLength(int iterations, Optional<Continuation> continuation) {
    this(iterations, continuation, Optional.empty());
  }

  /**
   * @param iterations see {@link #iterations()}
   * @return that many, without a question in between
   */
  public static PassLength of(int iterations) {
    return new PassLength(iterations, Optional.empty());
  }

  /**
   * @return whether the pass is that of the spec
   */
  public boolean whole() {
    return equals(WHOLE);
  }
}
