package org.riglab.console;

import org.jline.terminal.Terminal;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.access.Role;

/**
 * The terminal of a session, for commands that use all of it. A command finds it in the session
 * variable {@link #VARIABLE}; there is none if the session has no terminal.
 */
@ProviderType
public interface Screen {
  /** Name of the session variable. */
  String VARIABLE = "riglab.screen";

  /**
   * @return the terminal; not closed by the command, which restores its attributes
   */
  Terminal terminal();

  /**
   * @return whether text may be coloured: the terminal has colours and {@code NO_COLOR} is not set
   */
  boolean colour();

  /**
   * @return whether there are 24-bit colours: by {@code COLORTERM} or the type of the terminal
   */
  boolean trueColour();

  /**
   * Shows a text page by page if it is longer than the terminal.
   *
   * @param text lines
   */
  void page(String text);

  /**
   * Executes the action of a key as if the user had entered a line: the role is checked and the
   * line is recorded.
   *
   * @param role the role that the line requires
   * @param line the equivalent line, for example {@code pause 7}
   * @param action what the line does
   * @throws org.riglab.api.RigException DENIED if the user does not have the role, or what the
   *     action throws
   */
  void act(Role role, String line, Runnable action);
}
