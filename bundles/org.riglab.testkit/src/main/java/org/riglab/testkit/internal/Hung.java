package org.riglab.testkit.internal;

/** A part that does not come back from a call. */
public final class Hung extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param sentence how long, and where it is
   */
  Hung(String sentence) {
    super(sentence);
  }
}
