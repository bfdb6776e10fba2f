package org.riglab.launcher;

/** Why the platform did not start, for people: every line says what is wrong and where. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
