package org.riglab.console.internal;

import java.io.EOFException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutionException;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.riglab.api.RigException;
import org.riglab.console.RemoteShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a failed command means outside.
 *
 * @param status the process's exit status: 1 for a {@link RigException}, 2 for a wrong command line
 *     (also a {@link RigException} that an {@link IllegalArgumentException} caused), 126 for one
 *     that is not allowed, 130 after an interrupt, 70 for anything else
 * @param line for people
 */
record Failure(int status, String line) {
  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int INTERNAL = 70;
  private static final int INTERRUPTED = 130;

  /**
   * Explains, and logs the stack.
   *
   * @param thrown by the command or by Gogo
   * @param commands to name those near an unknown one
   */
  static Failure of(Throwable thrown, Commands commands) {
    Throwable cause = unwrapped(thrown);
    if (cause instanceof RigException) {
      LOG.info("command failed", cause);
      int status = cause.getCause() instanceof IllegalArgumentException ? USAGE : FAILED;
      return new Failure(status, "rig: " + cause.getMessage());
    }
    if (cause instanceof DeniedException) {
      return new Failure(RemoteShell.DENIED, "rig: " + cause.getMessage());
    }
    if (cause instanceof UsageException) {
      return new Failure(USAGE, "rig: " + cause.getMessage());
    }
    if (cause instanceof CommandNotFoundException unknown) {
      return new Failure(USAGE, "rig: " + commands.unknown(unknown.getCommand()).getMessage());
    }
    if (cause instanceof SyntaxError || cause instanceof EOFException) {
      return new Failure(USAGE, "rig: syntax: " + cause.getMessage());
    }
    if (cause instanceof InterruptedException) {
      return new Failure(INTERRUPTED, "rig: interrupted");
    }
    LOG.error("command failed", cause);
    String message = cause.getMessage() == null ? "" : cause.getMessage();
    return new Failure(
        INTERNAL,
        "rig: internal error: "
            + cause.getClass().getName()
            + ": "
            + message.lines().findFirst().orElse("")
            + " (stack in "
            + System.getProperty("riglab.home")
            + "/log/riglab.log)");
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof InvocationTargetException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
