package org.riglab.api;

import java.util.Objects;

/**
 * A failure that a user can correct: invalid input, a missing part, a faulty plugin.
 *
 * <p>The {@link Kind} determines how programs handle the failure: exit status, HTTP status, whether
 * to retry. The message is for users only: one line that states what is wrong, where, and what is
 * expected. User interfaces print it unchanged; the stack trace goes to the log.
 */
public final class RigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The category of the failure. */
  private final Kind kind;

  /** Categories of failures, for programs. */
  public enum Kind {
    /** The request, a file or a configuration value is wrong. Repeating the request fails again. */
    INVALID,
    /** A named network, run, part, plugin, file or other object does not exist. */
    NOT_FOUND,
    /** The object already exists, or its current state does not allow the operation. */
    CONFLICT,
    /** The object is in use. Repeating the request later may succeed. */
    BUSY,
    /** The caller lacks the permission. */
    DENIED,
    /** The disk or a quota is full. */
    NO_SPACE,
    /** Host or device memory is exhausted. */
    OUT_OF_MEMORY,
    /** A part of a plugin failed: it threw, returned a wrong shape, or is blocked. */
    PART_FAILED,
    /** A required service, engine, device or remote system is not available. */
    UNAVAILABLE,
    /** Reading or writing failed for another reason. */
    IO
  }

  /**
   * Creates a failure of kind {@link Kind#INVALID}.
   *
   * @param message one line: what is wrong, where, and what is expected
   */
  public RigException(String message) {
    this(Kind.INVALID, message);
  }

  /**
   * Creates a failure of the cause's kind if the cause is a {@link RigException}, else of kind
   * {@link Kind#INVALID}.
   *
   * @param message one line: what is wrong, where, and what is expected
   * @param cause the cause, for the log
   */
  public RigException(String message, Throwable cause) {
    this(cause instanceof RigException known ? known.kind : Kind.INVALID, message, cause);
  }

  /**
   * @param kind category of the failure
   * @param message one line: what is wrong, where, and what is expected
   */
  public RigException(Kind kind, String message) {
    super(message);
    this.kind = Objects.requireNonNull(kind);
  }

  /**
   * @param kind category of the failure
   * @param message one line: what is wrong, where, and what is expected
   * @param cause the cause, for the log
   */
  public RigException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /**
   * @return the category of the failure
   */
  public Kind kind() {
    return kind;
  }
}
