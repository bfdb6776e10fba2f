package org.riglab.shell.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** Asks the user of a session. */
final class Question {
  private static final int MOST = 100;

  private Question() {}

  /**
   * Returns if the answer is yes.
   *
   * @param session of the user
   * @param action what is going to be done, as an imperative
   * @throws RigException if the answer is not yes, or there is no terminal
   */
  static void ask(CommandSession session, String action) {
    Terminal terminal = Terminal.of(session);
    if (!terminal.interactive()) {
      throw new RigException(
          "nothing was done: there is no terminal to confirm '" + action + "'; --yes confirms it");
    }
    terminal.out().print(action + "? [y/N] ");
    terminal.out().flush();
    String answer = line(session.getKeyboard()).strip().toLowerCase(Locale.ROOT);
    if (!List.of("y", "yes").contains(answer)) {
      throw new RigException("nothing was done: the answer was not yes");
    }
  }

  private static String line(InputStream in) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int c = in.read();
          c >= 0 && c != '\n' && c != '\r' && line.size() < MOST;
          c = in.read()) {
        line.write(c);
      }
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot read the answer: " + FileFailures.reason(e), e);
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
