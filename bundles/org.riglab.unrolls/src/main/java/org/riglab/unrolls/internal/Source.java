package org.riglab.unrolls.internal;

/**
 * Which block's output of the iteration before a gate is fed: two readings of the paper's Eq. 1.
 */
enum Source {
  /** The gated block's own, as the paper's prose has it. */
  OWN,
  /**
   * The next block's, as the equation's indices can be read; the last block's gate gets its own.
   */
  NEXT;

  /**
   * @param block a gated block, 1 for B1
   * @param blocks n
   * @return the block whose output its gate is fed
   */
  int of(int block, int blocks) {
    return this == NEXT ? Math.min(block + 1, blocks) : block;
  }
}
