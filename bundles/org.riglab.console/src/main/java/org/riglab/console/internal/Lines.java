package org.riglab.console.internal;

import org.apache.felix.service.command.CommandSession;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;

/** What a session makes of its lines. */
interface Lines {
  /**
   * @return the commands a line of the session may name
   */
  Commands commands(CommandSession session);

  /** Gets the session ready for a line; called before each. */
  void prepare(CommandSession session, Commands commands);

  /**
   * Runs a line, and waits for its commands to end also if it is interrupted.
   *
   * @return what it came to; printed unless null
   * @throws Exception what the first failing command threw
   */
  Object execute(CommandSession session, Commands commands, CharSequence line) throws Exception;

  /** Says how lines are parsed, coloured and completed while they are typed. */
  void edit(LineReaderBuilder builder, CommandSession session, Commands commands);

  /** Takes from a reader what those who type must not do with it. */
  default void restrict(LineReader reader) {}
}
