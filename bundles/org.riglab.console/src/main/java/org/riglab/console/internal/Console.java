package org.riglab.console.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.jline.terminal.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Principal;
import org.riglab.console.Guest;

/**
 * The main function of a process with a shell: one command, a script, or a session at a terminal.
 */
@Component(service = ToIntFunction.class, property = "riglab.main=console")
public final class Console implements ToIntFunction<String[]> {
  private final CommandProcessor processor;
  private final Running running = new Running();
  private final Lines lines;

  /**
   * @param context of this bundle
   * @param processor runs Gogo
   */
  @Activate
  public Console(BundleContext context, @Reference CommandProcessor processor) {
    this.processor = processor;
    this.lines = new GogoLines(context, processor, running);
  }

  /**
   * Runs a command line.
   *
   * @param args empty for a session at the terminal; {@code exec} and a script; or a command's name
   *     and its arguments
   * @return the exit status
   */
  @Override
  public int applyAsInt(String[] args) {
    // Not System.out: Gogo has put itself in front of it, and would call itself for ever.
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
    List<String> words = Arrays.asList(args);
    try (ProcessScreen screen = new ProcessScreen(new Local());
        CommandSession session = processor.createSession(in, out, err)) {
      screen.offer(session);
      Commands commands = lines.commands(session);
      try {
        if (words.isEmpty()) {
          return System.console() == null ? script(session, commands, text(in)) : terminal();
        }
        if (List.of("--help", "-h", "help").contains(words.get(0)) && words.size() == 1) {
          out.print(Overview.usage(session, commands));
          return 0;
        }
        if (words.get(0).equals("exec")) {
          return script(session, commands, source(words.subList(1, words.size()), in));
        }
        return command(session, commands, words);
      } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
        Failure failure = Failure.of(e, commands);
        out.flush();
        err.println(screen.error(failure.line()));
        return failure.status().code();
      } finally {
        running.interrupt(true);
        running.await();
        out.flush();
        err.flush();
      }
    }
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new BufferedOutputStream(new FileOutputStream(descriptor)), true);
  }

  private int command(CommandSession session, Commands commands, List<String> words)
      throws Exception {
    String name = words.get(0);
    List<Object> arguments = new ArrayList<>(words.subList(1, words.size()));
    if (name.equals("help")) {
      name = words.get(1);
      arguments.remove(0);
      arguments.add("--help");
    }
    // The arguments are handed over as they are: no line is made of them that would be parsed.
    Object result = new RigCommand(name, commands.find(name), running).execute(session, arguments);
    print(session, result);
    return 0;
  }

  private int script(CommandSession session, Commands commands, CharSequence source)
      throws Exception {
    lines.prepare(session, commands);
    if (System.console() == null) {
      // Gogo assumes that every session is a terminal.
      session.put("GREP_COLORS", "mt=");
    }
    print(session, lines.execute(session, commands, source));
    return 0;
  }

  private int terminal() throws IOException {
    Path history = Path.of(System.getProperty("riglab.home"), "history");
    try (Terminal terminal = TerminalSession.open()) {
      new TerminalSession(processor, lines, running, new Local()).run(terminal, history);
      return 0;
    }
  }

  /** The user who started this process. */
  private static final class Local implements Guest {
    @Override
    public Principal principal() {
      return Principal.LOCAL;
    }

    @Override
    public boolean colour() {
      return SessionScreen.wanted(System.getenv("NO_COLOR"));
    }

    @Override
    public boolean trueColour() {
      return SessionScreen.deep(System.getenv("COLORTERM"));
    }

    @Override
    public void ended(String line, int status, String message) {}
  }

  /** Prints what a command returned instead of printing. */
  static void print(CommandSession session, Object result) {
    if (result != null) {
      session.getConsole().println(session.format(result, Converter.INSPECT));
    }
  }

  private static String source(List<String> words, InputStream in)
      throws UsageException, IOException {
    if (words.size() != 1) {
      throw new UsageException("exec takes one argument: 'COMMAND; COMMAND', a file, or -");
    }
    String word = words.get(0);
    if (word.equals("-")) {
      return text(in);
    }
    return !word.isBlank() && word.indexOf('\n') < 0 && Files.isRegularFile(Path.of(word))
        ? Files.readString(Path.of(word))
        : word;
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
