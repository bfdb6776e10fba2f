package org.riglab.console.internal;

/** The line is not allowed; the message has one line. */
final class DeniedException extends Exception {
  private static final long serialVersionUID = 1L;

  DeniedException(String message) {
    super(message);
  }
}
