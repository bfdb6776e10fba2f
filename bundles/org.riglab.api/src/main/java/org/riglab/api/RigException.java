package org.riglab.api;

/**
 * Something a person can put right: bad input, a part that is not there, a plugin that misbehaves.
 * The message is one line that says what was wrong, where, and what would be right; faces print it
 * as it is, and the stack goes to the log only.
 */
public final class RigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what, where, what would be right
   */
  public RigException(String message) {
    super(message);
  }

  /**
   * @param message one line: what, where, what would be right
   * @param cause for the log
   */
  public RigException(String message, Throwable cause) {
    super(message, cause);
  }
}
