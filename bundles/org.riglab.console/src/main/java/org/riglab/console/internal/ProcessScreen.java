package org.riglab.console.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntSupplier;
import org.apache.felix.service.command.CommandSession;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.riglab.api.access.Role;
import org.riglab.console.Guest;
import org.riglab.console.Screen;

/**
 * The terminal of this process for one command or a script. It is opened when it is first needed,
 * since most commands need its size at most.
 */
final class ProcessScreen implements Screen, AutoCloseable {
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  private final Guest guest;
  private final SessionScreen screen;
  private Terminal terminal;

  /**
   * @param guest the user of the process
   */
  ProcessScreen(Guest guest) {
    this.guest = guest;
    this.screen = new SessionScreen(this::terminal, guest);
  }

  private static boolean present() {
    return System.console() != null;
  }

  /**
   * Makes the terminal known to commands, if there is one.
   *
   * @param session in which commands run
   */
  void offer(CommandSession session) {
    if (present()) {
      session.put(VARIABLE, this);
      session.put("riglab.columns", (IntSupplier) () -> size().getColumns());
      session.put("riglab.rows", (IntSupplier) () -> size().getRows());
    }
  }

  /**
   * @param line why the command failed
   * @return the line in the colour of errors, if there are colours
   */
  String error(String line) {
    return present() && colour() ? RED + line + PLAIN : line;
  }

  private Size size() {
    return terminal().getSize();
  }

  @Override
  public synchronized Terminal terminal() {
    if (terminal == null) {
      try {
        terminal = TerminalSession.open(Terminal.SignalHandler.SIG_DFL, false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return terminal;
  }

  /** Not worth opening the terminal for. */
  @Override
  public boolean colour() {
    String type = System.getenv("TERM");
    return guest.colour() && type != null && !type.isEmpty() && !type.equals("dumb");
  }

  @Override
  public boolean trueColour() {
    return screen.trueColour();
  }

  @Override
  public void page(String text) {
    screen.page(text);
  }

  @Override
  public void act(Role role, String line, Runnable action) {
    screen.act(role, line, action);
  }

  @Override
  public synchronized void close() {
    try {
      if (terminal != null) {
        terminal.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
