package org.riglab.console;

import org.riglab.api.RigException;

/** The exit status of a command, of a script, and of a line over SSH. */
public enum ExitStatus {
  /** The command succeeded. */
  SUCCESS(0),
  /** It failed: a check, a run or a part did, or a file could not be read or written. */
  FAILED(1),
  /** The command line is wrong, or a value or a file that it names is invalid. */
  USAGE(2),
  /** A network, run, part, plugin or file that it names does not exist. */
  NOT_FOUND(3),
  /** It exists already, or its state does not allow the operation. */
  CONFLICT(4),
  /** It is in use; the same command may succeed later. */
  BUSY(5),
  /** The disk is full. */
  NO_SPACE(6),
  /** Host or device memory is exhausted. */
  OUT_OF_MEMORY(7),
  /** A service, an engine, a device or a remote system is not there. */
  UNAVAILABLE(8),
  /** An error of the program; the log has its stack trace. */
  INTERNAL(70),
  /** The caller's role does not allow it. */
  DENIED(126),
  /** It was interrupted. */
  INTERRUPTED(130);

  private final int code;

  ExitStatus(int code) {
    this.code = code;
  }

  /**
   * @param kind of a failure
   * @return the status of a command that fails with it
   */
  public static ExitStatus of(RigException.Kind kind) {
    return switch (kind) {
      case PART_FAILED, IO -> FAILED;
      case INVALID -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case BUSY -> BUSY;
      case NO_SPACE -> NO_SPACE;
      case OUT_OF_MEMORY -> OUT_OF_MEMORY;
      case UNAVAILABLE -> UNAVAILABLE;
      case DENIED -> DENIED;
    };
  }

  /**
   * @return the number, 0 to 130
   */
  public int code() {
    return code;
  }
}
