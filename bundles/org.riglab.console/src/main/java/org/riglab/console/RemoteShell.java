package org.riglab.console;

import java.io.InputStream;
import java.io.OutputStream;
import org.jline.terminal.Terminal;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The shell for remote users. Admins use Gogo, and with it all of Java. A line of any other role is
 * the name of a command and its arguments, possibly in quotes, and is refused if the command
 * requires a higher role; see {@link org.riglab.api.access.Role#PROPERTY}.
 *
 * <p>Commands run on the calling thread: an interrupt cancels them. The status of a line is the
 * code of an {@link ExitStatus}.
 */
@ProviderType
public interface RemoteShell {
  /**
   * Runs one line.
   *
   * @param guest the user
   * @param line as received
   * @param in read by commands that read; not closed
   * @param out what commands print; not closed
   * @param err for error messages; not closed
   * @return the status
   */
  int run(Guest guest, String line, InputStream in, OutputStream out, OutputStream err);

  /**
   * Runs one line at a terminal: Ctrl-C ends it.
   *
   * @param guest the user
   * @param line as received
   * @param terminal not closed
   * @return the status
   */
  int run(Guest guest, String line, Terminal terminal);

  /**
   * Reads lines with editing, history and completion, and runs them, until the guest ends the
   * session or the terminal's input ends. Ctrl-C ends the command that runs.
   *
   * @param guest the user
   * @param terminal not closed
   */
  void converse(Guest guest, Terminal terminal);
}
