package org.riglab.console.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Job;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.riglab.api.RigException;
import org.riglab.api.access.Principal;
import org.riglab.console.Guest;
import org.riglab.console.Screen;

/**
 * A person at a terminal. Ctrl-C interrupts the command that runs, or discards the line that is
 * typed; Ctrl-D, {@code exit} and {@code quit} end the session.
 */
final class TerminalSession {
  private static final List<String> COMPLETION_STYLES =
      List.of(
          LineReader.COMPLETION_STYLE_STARTING,
          LineReader.COMPLETION_STYLE_DESCRIPTION,
          LineReader.COMPLETION_STYLE_GROUP,
          LineReader.COMPLETION_STYLE_SELECTION,
          LineReader.COMPLETION_STYLE_BACKGROUND,
          LineReader.COMPLETION_STYLE_LIST_STARTING,
          LineReader.COMPLETION_STYLE_LIST_DESCRIPTION,
          LineReader.COMPLETION_STYLE_LIST_GROUP,
          LineReader.COMPLETION_STYLE_LIST_SELECTION,
          LineReader.COMPLETION_STYLE_LIST_BACKGROUND);

  private final CommandProcessor processor;
  private final Lines lines;
  private final Running running;
  private final Guest guest;

  TerminalSession(CommandProcessor processor, Lines lines, Running running, Guest guest) {
    this.processor = processor;
    this.lines = lines;
    this.running = running;
    this.guest = guest;
  }

  /**
   * Reads lines and runs them.
   *
   * @param terminal not closed
   * @param history file of earlier lines
   */
  void run(Terminal terminal, Path history) {
    Principal principal = guest.principal();
    try (CommandSession session = session(terminal)) {
      Commands commands = lines.commands(session);
      AtomicBoolean ended = new AtomicBoolean();
      Function end =
          (s, arguments) -> {
            ended.set(true);
            return null;
          };
      session.put("exit", end);
      session.put("quit", end);
      LineReader reader = reader(terminal, session, commands, history);
      session.put(".reader", reader);
      while (!ended.get()) {
        lines.prepare(session, commands);
        try {
          String line = reader.readLine("rig> ");
          if (!guest.principal().equals(principal)) {
            throw new EndOfFileException("another role");
          }
          if (!line.isBlank()) {
            run(session, commands, line, terminal);
          }
        } catch (UserInterruptException e) {
          // The line is discarded.
        } catch (EndOfFileException e) {
          ended.set(true);
        } catch (RigException e) {
          terminal.writer().println(shown(terminal, "rig: " + e.getMessage()));
          ended.set(true);
        }
        terminal.flush();
      }
      running.interrupt(true);
      running.await();
    }
  }

  /**
   * Runs one line.
   *
   * @param terminal not closed
   * @return its status
   */
  int run(Terminal terminal, String line) {
    guest.principal();
    try (CommandSession session = session(terminal)) {
      Commands commands = lines.commands(session);
      lines.prepare(session, commands);
      return run(session, commands, line, terminal);
    } finally {
      running.interrupt(true);
      running.await();
      terminal.flush();
    }
  }

  private int run(CommandSession session, Commands commands, String line, Terminal terminal) {
    guest.begins(line);
    int status = 0;
    String message = "";
    try {
      Console.print(session, lines.execute(session, commands, line));
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      Failure failure = Failure.of(e, commands);
      status = failure.status().code();
      message = failure.line();
      terminal.writer().println(shown(terminal, message));
    } finally {
      terminal.flush();
      guest.ended(line, status, message);
    }
    return status;
  }

  private String shown(Terminal terminal, String failure) {
    return new SessionScreen(() -> terminal, guest).colour()
        ? new AttributedString(failure, AttributedStyle.DEFAULT.foreground(AttributedStyle.RED))
            .toAnsi(terminal)
        : failure;
  }

  private CommandSession session(Terminal terminal) {
    PrintStream out = new PrintStream(terminal.output(), true);
    CommandSession session = processor.createSession(terminal.input(), out, out);
    // Read by the commands and the highlighter of gogo.jline.
    session.put(".terminal", terminal);
    session.put(".processor", processor);
    session.put(".session", session);
    session.put("riglab.interactive", true);
    session.put(Screen.VARIABLE, new SessionScreen(() -> terminal, guest));
    session.put("riglab.columns", (IntSupplier) terminal::getWidth);
    session.put("riglab.rows", (IntSupplier) terminal::getHeight);
    terminal.handle(Terminal.Signal.INT, signal -> interrupt(session));
    return session;
  }

  private LineReader reader(
      Terminal terminal, CommandSession session, Commands commands, Path history) {
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("rig")
            .variable(LineReader.HISTORY_FILE, history)
            // 6 ! 4 is arithmetic, not history.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.AUTO_FRESH_LINE, true);
    builder.completionMatcher(new PrefixMatcher());
    lines.edit(builder, session, commands);
    if (!new SessionScreen(() -> terminal, guest).colour()) {
      plain(builder);
    }
    LineReader reader = builder.build();
    lines.restrict(reader);
    return reader;
  }

  private static void plain(LineReaderBuilder builder) {
    builder.highlighter(null);
    for (String style : COMPLETION_STYLES) {
      builder.variable(style, "");
    }
  }

  /**
   * @return the terminal of this process
   * @throws IOException if there is none
   */
  static Terminal open() throws IOException {
    return open(Terminal.SignalHandler.SIG_IGN, true);
  }

  /**
   * @param handler of signals
   * @param signals whether the terminal handles the signals of the process
   * @return the terminal of this process
   * @throws IOException if there is none
   */
  static Terminal open(Terminal.SignalHandler handler, boolean signals) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // JLine finds its terminal providers there.
    thread.setContextClassLoader(Terminal.class.getClassLoader());
    try {
      return TerminalBuilder.builder()
          .name("rig")
          .system(true)
          .nativeSignals(signals)
          .signalHandler(handler)
          .build();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private void interrupt(CommandSession session) {
    if (!running.interrupt(false)) {
      // One of Gogo's own commands.
      Job job = session.foregroundJob();
      if (job != null) {
        job.interrupt();
      }
    }
  }
}
