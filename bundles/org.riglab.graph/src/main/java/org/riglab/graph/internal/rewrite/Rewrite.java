package org.riglab.graph.internal.rewrite;

import org.riglab.graph.internal.ir.Sizes;

/** A change to a recorded computation that leaves its results as they are, but for rounding. */
public interface Rewrite {
  /**
   * @param sizes the computation, at one size or several
   * @return it rewritten, at the same sizes; {@code sizes} stays
   */
  Sizes apply(Sizes sizes);
}
