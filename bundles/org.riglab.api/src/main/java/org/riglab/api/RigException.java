package org.riglab.api;

import java.util.Objects;

/**
 * A failure that a person can correct: invalid input, a missing part, a plugin that misbehaves.
 *
 * <p>The {@link Kind} decides what a program does about the failure: exit status, HTTP status,
 * whether to retry. The message is for people only: one line that says what was wrong, where, and
 * what would be right. User interfaces print it unchanged; the stack trace goes to the log.
 */
public final class RigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a program decides by. */
  private final Kind kind;

  /** What went wrong, as far as a program needs to know. */
  public enum Kind {
    /** The request, a file or a configuration value is wrong. Repeating the request fails again. */
    INVALID,
    /** A named network, run, part, plugin, file or other object does not exist. */
    NOT_FOUND,
    /** The object exists already, or its present state does not allow the operation. */
    CONFLICT,
    /** The object is in use. Repeating the request later may succeed. */
    BUSY,
    /** The caller may not do this. */
    DENIED,
    /** The disk or a quota is full. */
    NO_SPACE,
    /** Host or device memory is exhausted. */
    OUT_OF_MEMORY,
    /** A part of a plugin failed: it threw, returned a wrong shape, or is blocked. */
    PART_FAILED,
    /** A service, an engine, a device or a remote system that is needed is not there. */
    UNAVAILABLE,
    /** Reading or writing failed for another reason than those above. */
    IO
  }

  /**
   * Creates a failure of kind {@link Kind#INVALID}.
   *
   * @param message one line: what, where, what would be right
   */
  public RigException(String message) {
    this(Kind.INVALID, message);
  }

  /**
   * Creates a failure of the cause's kind if the cause is a {@link RigException}, else of kind
   * {@link Kind#INVALID}.
   *
   * @param message one line: what, where, what would be right
   * @param cause for the log
   */
  public RigException(String message, Throwable cause) {
    this(cause instanceof RigException known ? known.kind : Kind.INVALID, message, cause);
  }

  /**
   * @param kind what went wrong
   * @param message one line: what, where, what would be right
   */
  public RigException(Kind kind, String message) {
    super(message);
    this.kind = Objects.requireNonNull(kind);
  }

  /**
   * @param kind what went wrong
   * @param message one line: what, where, what would be right
   * @param cause for the log
   */
  public RigException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /**
   * @return what went wrong
   */
  public Kind kind() {
    return kind;
  }
}
