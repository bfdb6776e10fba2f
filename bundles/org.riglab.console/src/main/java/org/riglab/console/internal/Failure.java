package org.riglab.console.internal;

import java.io.EOFException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.riglab.api.RigException;
import org.riglab.base.RequestText;
import org.riglab.base.Visible;
import org.riglab.console.ExitStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exit status and message of a failed command.
 *
 * @param status follows the kind of a {@link RigException}, else the class of what was thrown
 * @param line the message
 */
record Failure(ExitStatus status, String line) {
  private static final int MOST = 8000;
  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

  Failure {
    // A message may quote untrusted text.
    line = RequestText.cut(Visible.text(line), MOST);
  }

  /**
   * Explains, and logs the stack.
   *
   * @param thrown by the command or by Gogo
   * @param commands to name those near an unknown one
   */
  static Failure of(Throwable thrown, Commands commands) {
    Throwable cause = unwrapped(thrown);
    if (cause instanceof RigException rig) {
      LOG.info("command failed", cause);
      return new Failure(ExitStatus.of(rig.kind()), "rig: " + rig.getMessage());
    }
    if (cause instanceof DeniedException) {
      return new Failure(ExitStatus.DENIED, "rig: " + cause.getMessage());
    }
    if (cause instanceof UsageException) {
      return new Failure(ExitStatus.USAGE, "rig: " + cause.getMessage());
    }
    if (cause instanceof CommandNotFoundException unknown) {
      return new Failure(
          ExitStatus.USAGE, "rig: " + commands.unknown(unknown.getCommand()).getMessage());
    }
    if (cause instanceof SyntaxError || cause instanceof EOFException) {
      return new Failure(ExitStatus.USAGE, "rig: syntax: " + cause.getMessage());
    }
    if (cause instanceof InterruptedException || cause instanceof CancellationException) {
      return new Failure(ExitStatus.INTERRUPTED, "rig: interrupted");
    }
    LOG.error("command failed", cause);
    String line = message(cause).lines().findFirst().orElse("");
    if (cause instanceof OutOfMemoryError) {
      return new Failure(ExitStatus.OUT_OF_MEMORY, "rig: out of memory: " + line);
    }
    return new Failure(
        ExitStatus.INTERNAL,
        "rig: internal error: %s: %s (stack in %s/log/riglab.log)"
            .formatted(cause.getClass().getName(), line, System.getProperty("riglab.home")));
  }

  private static String message(Throwable cause) {
    return cause.getMessage() == null ? "" : cause.getMessage();
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
