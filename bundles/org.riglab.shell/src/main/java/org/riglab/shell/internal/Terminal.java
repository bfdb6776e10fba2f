package org.riglab.shell.internal;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;
import org.riglab.base.Visible;
import org.riglab.console.Screen;

/**
 * Where a command writes.
 *
 * @param out the session's console, or the pipe or file that it is redirected to
 * @param screen the same, for control sequences beside {@link Visible} text
 * @param interactive whether a person watches, so that a line may be drawn again
 * @param columns no line is longer
 * @param full the whole terminal; empty if {@code out} is not a terminal
 */
record Terminal(
    PrintStream out, PrintStream screen, boolean interactive, int columns, Optional<Screen> full) {
  private static final int LEAST_COLUMNS = 20;

  /**
   * Text has no control sequences: see {@link Visible}.
   *
   * @param screen see {@link #screen}
   * @param interactive see {@link #interactive}
   * @param columns see {@link #columns}
   * @param full see {@link #full}
   */
  Terminal(PrintStream screen, boolean interactive, int columns, Optional<Screen> full) {
    this(Visible.stream(screen), screen, interactive, columns, full);
  }

  /**
   * A terminal of the usual width.
   *
   * @param screen see {@link #screen}
   * @param interactive see {@link #interactive}
   */
  Terminal(PrintStream screen, boolean interactive) {
    this(screen, interactive, Text.COLUMNS, Optional.empty());
  }

  /**
   * @return a terminal that discards its output, for progress with --json
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
    // A remote session sets whether there is a terminal.
    boolean console =
        session.get("riglab.interactive") instanceof Boolean said ? said : System.console() != null;
    boolean interactive = console && (process == null || process.isTty(1));
    PrintStream out = process == null ? session.getConsole() : process.out();
    if (!interactive) {
      return new Terminal(out, false);
    }
    int columns = size(session, "riglab.columns", Text.COLUMNS);
    return new Terminal(
        out,
        true,
        Math.max(LEAST_COLUMNS, columns),
        session.get(Screen.VARIABLE) instanceof Screen screen
            ? Optional.of(screen)
            : Optional.empty());
  }

  /**
   * @param session the session in which a command runs
   * @param name of a variable with a size of the terminal
   * @param otherwise the size if the terminal does not report it
   * @return the size
   */
  static int size(CommandSession session, String name, int otherwise) {
    int size = session.get(name) instanceof IntSupplier known ? known.getAsInt() : 0;
    return size > 0 ? size : otherwise;
  }

  /**
   * @return whether there are colours
   */
  boolean colour() {
    return full.map(Screen::colour).orElse(false);
  }

  /**
   * @param style of the text
   * @param text without control characters
   * @return the text, in that style if there are colours
   */
  String styled(Style style, String text) {
    return colour() ? style.on(text) : text;
  }

  /**
   * Prints a table that fits.
   *
   * @param table any
   */
  void print(Table table) {
    screen.print(table.text(columns, colour()));
  }

  /**
   * Prints a table that fits, page by page where a person watches.
   *
   * @param table any
   * @param after lines below it
   */
  void page(Table table, String after) {
    String text = table.text(columns, colour()) + Visible.text(after);
    if (full.isPresent()) {
      out.flush();
      full.get().page(text);
    } else {
      screen.print(text);
    }
  }

  /**
   * @param text any number of words
   * @param indent see {@link Text#wrap(String, int, int)}
   * @return lines that fit
   */
  String wrap(String text, int indent) {
    return Text.wrap(text, indent, columns);
  }

  /**
   * Prints a text, page by page where a person watches.
   *
   * @param text lines
   */
  void page(String text) {
    if (full.isPresent()) {
      out.flush();
      full.get().page(Visible.text(text));
    } else {
      out.print(text);
    }
  }
}
