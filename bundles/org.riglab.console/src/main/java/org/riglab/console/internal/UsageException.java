package org.riglab.console.internal;

/** The command line is wrong; the message has one line. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
