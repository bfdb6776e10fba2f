package org.riglab.console.internal;

/** The line is not allowed; the message is one line for people. */
final class DeniedException extends Exception {
  private static final long serialVersionUID = 1L;

  DeniedException(String message) {
    super(message);
  }
}
