package org.riglab.console;

import java.io.InputStream;
import java.io.OutputStream;
import org.jline.terminal.Terminal;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The shell for guests. Admins get Gogo, and with it all of Java. A line of any other role is a
 * command's name and words, with quotes and nothing more, and runs only if the command asks for no
 * higher role; see {@link org.riglab.api.access.Role#PROPERTY}.
 *
 * <p>Commands run on the calling thread: an interrupt asks them to end. The status of a line is the
 * code of an {@link ExitStatus}.
 */
@ProviderType
public interface RemoteShell {
  /**
   * Runs one line.
   *
   * @param guest who sent it
   * @param line as it came
   * @param in read by commands that read; not closed
   * @param out what commands print; not closed
   * @param err why a line failed; not closed
   * @return the status
   */
  int run(Guest guest, String line, InputStream in, OutputStream out, OutputStream err);

  /**
   * Runs one line at a terminal: Ctrl-C ends it.
   *
   * @param guest who sent it
   * @param line as it came
   * @param terminal not closed
   * @return the status
   */
  int run(Guest guest, String line, Terminal terminal);

  /**
   * Reads lines with editing, history and completion, and runs them, until the guest ends the
   * session or the terminal's input ends. Ctrl-C ends the command that runs.
   *
   * @param guest who is at the terminal
   * @param terminal not closed
   */
  void converse(Guest guest, Terminal terminal);
}
