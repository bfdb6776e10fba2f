package org.riglab.console.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.felix.gogo.jline.Highlighter;
import org.apache.felix.gogo.jline.Parser;
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

/**
 * A person at a terminal. Ctrl-C interrupts the command that runs, or discards the line that is
 * typed; Ctrl-D, {@code exit} and {@code quit} end the session.
 */
final class TerminalSession {
  private final Console console;
  private final CommandProcessor processor;
  private final Running running;

  TerminalSession(Console console, CommandProcessor processor, Running running) {
    this.console = console;
    this.processor = processor;
    this.running = running;
  }

  /**
   * @return 0, the exit status of a session that was ended
   * @throws IOException if there is no terminal
   */
  int run() throws IOException {
    try (Terminal terminal = open();
        CommandSession session =
            processor.createSession(
                terminal.input(),
                new PrintStream(terminal.output(), true),
                new PrintStream(terminal.output(), true))) {
      Commands commands = new Commands(session);
      AtomicBoolean ended = new AtomicBoolean();
      Function end =
          (s, arguments) -> {
            ended.set(true);
            return null;
          };
      session.put("exit", end);
      session.put("quit", end);
      // gogo.jline's commands and highlighter look for these.
      session.put(".terminal", terminal);
      session.put(".processor", processor);
      session.put(".session", session);
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("rig")
              .parser(new Parser())
              .highlighter(new Highlighter(session))
              .completer(new CommandCompleter(commands))
              .variable(
                  LineReader.HISTORY_FILE, Path.of(System.getProperty("riglab.home"), "history"))
              // 6 ! 4 is arithmetic, not history.
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .option(LineReader.Option.AUTO_FRESH_LINE, true)
              .build();
      session.put(".reader", reader);
      terminal.handle(Terminal.Signal.INT, signal -> interrupt(session));
      while (!ended.get()) {
        console.prepare(session, commands);
        try {
          String line = reader.readLine("rig> ");
          if (!line.isBlank()) {
            console.print(session, console.execute(session, line));
          }
        } catch (UserInterruptException e) {
          // The line is discarded.
        } catch (EndOfFileException e) {
          ended.set(true);
        } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
          terminal.writer().println(Failure.of(e, commands).line());
        }
        terminal.flush();
      }
      running.interrupt(true);
      running.await();
      return 0;
    }
  }

  private static Terminal open() throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // JLine looks for its terminals there.
    thread.setContextClassLoader(Terminal.class.getClassLoader());
    try {
      return TerminalBuilder.builder()
          .name("rig")
          .system(true)
          .nativeSignals(true)
          .signalHandler(Terminal.SignalHandler.SIG_IGN)
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
