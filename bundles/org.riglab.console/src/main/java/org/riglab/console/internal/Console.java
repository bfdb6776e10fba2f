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
import java.util.Hashtable;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.felix.gogo.jline.Builtin;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The main function of a process with a shell: one command, a script, or a session at a terminal.
 */
@Component(service = ToIntFunction.class, property = "riglab.main=console")
public final class Console implements ToIntFunction<String[]> {
  /** Of gogo.jline's commands those that help in a pipe or a script. */
  private static final String[] POSIX = {
    "cat", "cd", "clear", "date", "echo", "grep", "head", "less", "ls", "pwd", "sleep", "sort",
    "tail", "wc"
  };

  private static final String[] PROCEDURAL = {
    "each", "if", "not", "throw", "try", "until", "while", "break", "continue"
  };
  private static final String[] BUILTIN = {"jobs", "fg", "bg", "history", "set", "format"};

  private final BundleContext context;
  private final CommandProcessor processor;
  private final Running running = new Running();

  /**
   * @param context of this bundle
   * @param processor runs Gogo
   */
  @Activate
  public Console(BundleContext context, @Reference CommandProcessor processor) {
    this.context = context;
    this.processor = processor;
  }

  /**
   * Runs a command line.
   *
   * @param args nothing, for a session at the terminal; {@code exec} and a script; or a command's
   *     name and its arguments
   * @return the exit status
   */
  @Override
  public int applyAsInt(String[] args) {
    // Not System.out: Gogo has put itself in front of it, and would call itself for ever.
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
    List<String> words = Arrays.asList(args);
    try (CommandSession session = processor.createSession(in, out, err)) {
      Commands commands = new Commands(session);
      try {
        if (words.isEmpty()) {
          return System.console() == null ? script(session, commands, text(in)) : terminal();
        }
        if (List.of("--help", "-h", "help").contains(words.get(0)) && words.size() == 1) {
          Overview.print(out, commands);
          return 0;
        }
        if (words.get(0).equals("exec")) {
          return script(session, commands, source(words.subList(1, words.size()), in));
        }
        return command(session, commands, words);
      } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
        Failure failure = Failure.of(e, commands);
        out.flush();
        err.println(failure.line());
        return failure.status();
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
    boolean help = name.equals("help");
    List<Object> arguments = new ArrayList<>(words.subList(1, words.size()));
    if (help) {
      name = words.get(1);
      arguments = new ArrayList<>(List.of("--help"));
    }
    // The arguments are handed over as they are: no line is made of them that would be parsed.
    Object result = new RigCommand(name, commands.find(name), running).execute(session, arguments);
    print(session, result);
    return 0;
  }

  private int script(CommandSession session, Commands commands, CharSequence source)
      throws Exception {
    prepare(session, commands);
    if (System.console() == null) {
      // Gogo takes every session for a terminal.
      session.put("GREP_COLORS", "mt=");
    }
    print(session, execute(session, source));
    return 0;
  }

  private int terminal() throws IOException, InterruptedException {
    return new TerminalSession(this, processor, running).run();
  }

  /** Makes the commands known without their scope, and Gogo's own besides. */
  void prepare(CommandSession session, Commands commands) {
    if (context.getServiceReference(Posix.class) == null) {
      register(new Posix(processor), POSIX);
      register(new Procedural(), PROCEDURAL);
      register(new Builtin(), BUILTIN);
      context.registerService(
          Converter.class, new org.apache.felix.gogo.jline.Converters(context), new Hashtable<>());
    }
    for (String name : commands.names()) {
      // Looked up anew at each call: a plugin may have brought another one meanwhile.
      Function function =
          (s, arguments) ->
              new RigCommand(name, commands.find(name), running).execute(s, arguments);
      session.put(name, function);
    }
    session.put(
        "help",
        (Function)
            (s, arguments) -> {
              if (arguments.isEmpty()) {
                Overview.print(System.out, commands);
                return null;
              }
              String name = arguments.get(0).toString();
              return new RigCommand(name, commands.find(name), running)
                  .execute(s, new ArrayList<>(List.of("--help")));
            });
  }

  private void register(Object target, String... functions) {
    Hashtable<String, Object> properties = new Hashtable<>();
    properties.put(CommandProcessor.COMMAND_SCOPE, "gogo");
    properties.put(CommandProcessor.COMMAND_FUNCTION, functions);
    context.registerService(target.getClass().getName(), target, properties);
  }

  /**
   * Runs a line or a script, and waits for its commands to end also if it is interrupted.
   *
   * @throws Exception what the first failing command threw
   */
  Object execute(CommandSession session, CharSequence source) throws Exception {
    try {
      return session.execute(source);
    } catch (InterruptedException e) {
      running.interrupt(false);
      running.await();
      throw e;
    }
  }

  /** Prints what a command returned instead of printing. */
  void print(CommandSession session, Object result) {
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
