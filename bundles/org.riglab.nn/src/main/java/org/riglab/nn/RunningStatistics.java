package org.riglab.nn;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A block that normalises with running statistics, which training updates. {@link BatchNorm2d} is
 * one. The batch norm policy of a network ({@code frozen}, {@code per-iteration}) and {@code
 * --freeze-batch-norm} apply to blocks with this interface; a network that contains other blocks
 * with parameters of the types {@code RUNNING_MEAN} or {@code RUNNING_VAR} is refused with these.
 */
@ConsumerType
public interface RunningStatistics {
  /**
   * Sets the number of sets of running statistics. Is called at most once, before the block is
   * initialised. Application t uses set t; applications beyond the last set use the last set.
   *
   * @param sets number of sets, 1 or more; 1 for statistics that all applications share
   */
  void statistics(int sets);

  /**
   * Uses the running statistics in training too, without changing them, and fixes the parameters of
   * the block. May be called before and after initialisation, and repeatedly.
   */
  void freeze();
}
