package org.riglab.shell.internal;

import java.io.OutputStream;
import java.io.PrintStream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;
import org.riglab.base.Visible;

/**
 * Where a command writes.
 *
 * @param out the session's console, or the pipe or file that it is redirected to
 * @param screen the same, for control sequences beside {@link Visible} text
 * @param interactive whether a person watches, so that a line may be drawn again
 */
record Terminal(PrintStream out, PrintStream screen, boolean interactive) {

  /** The same for text, which has no control sequences: see {@link Visible}. */
  Terminal(PrintStream screen, boolean interactive) {
    this(Visible.stream(screen), screen, interactive);
  }

  /**
   * @return a terminal that shows nothing, for progress beside JSON
   */
  Terminal silent() {
    return new Terminal(new PrintStream(OutputStream.nullOutputStream()), false);
  }

  /**
   * @param session the session in which the command runs
   * @return where it writes
   */
  static Terminal of(CommandSession session) {
    Process process = Process.Utils.current();
    // A session that comes from elsewhere says itself whether there is a terminal.
    boolean console =
        session.get("riglab.interactive") instanceof Boolean said ? said : System.console() != null;
    return process == null
        ? new Terminal(session.getConsole(), console)
        : new Terminal(process.out(), console && process.isTty(1));
  }
}
