package org.riglab.console.internal;

import org.apache.felix.service.command.CommandSession;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;

/** How a session executes and edits its lines. */
interface Lines {
  /**
   * @return the commands a line of the session may name
   */
  Commands commands(CommandSession session);

  /** Prepares the session; called before each line. */
  void prepare(CommandSession session, Commands commands);

  /**
   * Executes a line. If interrupted, it still waits for the commands to end.
   *
   * @return the result; printed unless null
   * @throws Exception what the first failing command threw
   */
  Object execute(CommandSession session, Commands commands, CharSequence line) throws Exception;

  /** Configures parsing, highlighting and completion of the line editor. */
  void edit(LineReaderBuilder builder, CommandSession session, Commands commands);

  /** Removes functions of the line editor that the role may not use. */
  default void restrict(LineReader reader) {}
}
