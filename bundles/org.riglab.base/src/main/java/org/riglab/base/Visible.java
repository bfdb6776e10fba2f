package org.riglab.base;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Text for a terminal: characters that would do something else than appear are written as escapes
 * such as <code>&#92;u001b</code>. In a JSON text the escape stands for the same character.
 */
public final class Visible {
  private Visible() {}

  /**
   * @param text of one line or several
   * @return the same with an escape for each character that is not {@link Names#printable}, except
   *     line ends and tabs
   */
  public static String text(String text) {
    return escaped(text, true);
  }

  /**
   * @param text any
   * @return the same as one line: escapes for line ends and tabs as well
   */
  public static String line(String text) {
    return escaped(text, false);
  }

  private static String escaped(String text, boolean lines) {
    if (Names.printable(text)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (lines && (c == '\n' || c == '\t') || !Names.unprintable(c)) {
                escaped.appendCodePoint(c);
              } else {
                for (char unit : Character.toChars(c)) {
                  escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
              }
            });
    return escaped.toString();
  }

  /**
   * @param out of a terminal, a pipe or a file
   * @return prints there what {@link #text} makes of it; bytes pass as they are
   */
  public static PrintStream stream(PrintStream out) {
    return new Stream(out);
  }

  /** Every method that takes text ends in {@link #print(String)}. */
  private static final class Stream extends PrintStream {
    private final PrintStream out;

    Stream(PrintStream out) {
      super(out, false, StandardCharsets.UTF_8);
      this.out = out;
    }

    @Override
    public void print(String text) {
      out.print(text(String.valueOf(text)));
    }

    @Override
    public void print(char c) {
      print(String.valueOf(c));
    }

    @Override
    public void print(char[] text) {
      print(String.valueOf(text));
    }

    @Override
    public void print(Object value) {
      print(String.valueOf(value));
    }

    @Override
    public void println() {
      out.println();
    }

    @Override
    public void println(String text) {
      out.println(text(String.valueOf(text)));
    }

    @Override
    public void println(Object value) {
      println(String.valueOf(value));
    }

    @Override
    public PrintStream append(CharSequence text) {
      print(String.valueOf(text));
      return this;
    }

    @Override
    public PrintStream append(char c) {
      print(c);
      return this;
    }

    @Override
    public PrintStream append(CharSequence text, int start, int end) {
      print(String.valueOf(text).substring(start, end));
      return this;
    }

    @Override
    public PrintStream format(Locale locale, String format, Object... arguments) {
      print(String.format(locale, format, arguments));
      return this;
    }

    @Override
    public PrintStream format(String format, Object... arguments) {
      return format(Locale.ROOT, format, arguments);
    }

    @Override
    public void flush() {
      out.flush();
    }

    @Override
    public boolean checkError() {
      return out.checkError();
    }
  }
}
