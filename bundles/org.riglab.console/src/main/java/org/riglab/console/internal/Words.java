package org.riglab.console.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line into words, which are separated by blanks. Text in {@code '...'} is taken
 * literally; {@code "..."} may contain {@code \"} and {@code \\}. Characters with a meaning in Gogo
 * are refused outside quotes.
 */
final class Words {
  private static final String SPECIAL = "|;&<>(){}[]$`\\#";
  private static final int LONGEST = 8192;

  private Words() {}

  /**
   * @param line as it came
   * @return its words; none of an empty line
   * @throws UsageException if the line is too long, a quote is open, or a character is not allowed
   */
  static List<String> of(CharSequence line) throws UsageException {
    if (line.length() > LONGEST) {
      throw new UsageException("the line is longer than " + LONGEST + " characters");
    }
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    int at = 0;
    while (at < line.length()) {
      int c = Character.codePointAt(line, at);
      int next = at + Character.charCount(c);
      boolean blank = c == ' ' || c == '\t';
      if (!blank || quote != 0) {
        check(c, at);
      }
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (quote == '"' && c == '\\') {
          if (next == line.length() || "\"\\".indexOf(line.charAt(next)) < 0) {
            throw new UsageException("in \"...\", \\ is only allowed before \" and \\");
          }
          word.append(line.charAt(next++));
        } else {
          word.appendCodePoint(c);
        }
      } else if (blank) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else {
        inWord = true;
        if (c == '\'' || c == '"') {
          quote = (char) c;
        } else if (SPECIAL.indexOf(c) >= 0) {
          throw new UsageException(
              "'"
                  + Character.toString(c)
                  + "' is only allowed in quotes: a line is one command with its arguments");
        } else {
          word.appendCodePoint(c);
        }
      }
      at = next;
    }
    if (quote != 0) {
      throw new UsageException("the quote " + quote + " is not closed");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  /** Refuses characters that a terminal does not print. */
  private static void check(int c, int at) throws UsageException {
    boolean shown =
        switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED ->
              false;
          case Character.SPACE_SEPARATOR -> c == ' ';
          default -> true;
        };
    if (!shown) {
      throw new UsageException(
          String.format("character %d of the line, U+%04X, is not allowed", at + 1, c));
    }
  }
}
