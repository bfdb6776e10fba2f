package org.riglab.shell.internal;

import java.io.IOException;
import java.util.regex.Pattern;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;

/** What a terminal can show. */
final class Graphics {
  private static final String ATTRIBUTES = "\u001b[c";
  private static final Pattern SIXEL = Pattern.compile("\u001b\\[\\?(?:[0-9]+;)*4(?:;[0-9]+)*c");
  private static final long MILLIS = 1000;
  private static final int LONGEST = 64;

  private Graphics() {}

  /**
   * Queries the device attributes of the terminal.
   *
   * @param terminal of the session
   * @return whether it supports Sixel graphics; false if it does not reply within a second
   */
  static boolean sixel(Terminal terminal) {
    Attributes before = terminal.enterRawMode();
    try {
      terminal.writer().print(ATTRIBUTES);
      terminal.flush();
      NonBlockingReader reader = terminal.reader();
      StringBuilder answer = new StringBuilder();
      long end = System.nanoTime() + MILLIS * 1_000_000;
      while (answer.length() < LONGEST && answer.indexOf("c") < 0) {
        long left = (end - System.nanoTime()) / 1_000_000;
        int read = left <= 0 ? NonBlockingReader.READ_EXPIRED : reader.read(left);
        if (read < 0) {
          break;
        }
        answer.append((char) read);
      }
      return SIXEL.matcher(answer).find();
    } catch (IOException e) {
      // A terminal that cannot be queried is treated as one without Sixel.
      return false;
    } finally {
      terminal.setAttributes(before);
    }
  }
}
