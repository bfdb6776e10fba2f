package org.riglab.console.internal;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import org.apache.felix.gogo.jline.Builtin;
import org.apache.felix.gogo.jline.Highlighter;
import org.apache.felix.gogo.jline.Parser;
import org.apache.felix.gogo.jline.Posix;
import org.apache.felix.gogo.jline.Procedural;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.jline.reader.LineReaderBuilder;
import org.osgi.framework.BundleContext;

/** Lines are Gogo's: pipes, variables, closures, any method of any object. */
final class GogoLines implements Lines {
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
  private final Running running;

  GogoLines(BundleContext context, CommandProcessor processor, Running running) {
    this.context = context;
    this.processor = processor;
    this.running = running;
  }

  @Override
  public Commands commands(CommandSession session) {
    return new SessionCommands(context, session);
  }

  /** Makes the commands known without their scope, and Gogo's own besides. */
  @Override
  public void prepare(CommandSession session, Commands commands) {
    register();
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
                Overview.show(s, System.out, Overview.list(s, commands));
                return null;
              }
              String name = arguments.get(0).toString();
              List<Object> words = new ArrayList<>(arguments.subList(1, arguments.size()));
              words.add("--help");
              return new RigCommand(name, commands.find(name), running).execute(s, words);
            });
  }

  private void register() {
    // Sessions open on several threads.
    synchronized (GogoLines.class) {
      if (context.getServiceReference(Posix.class) == null) {
        register(new Posix(processor), POSIX);
        register(new Procedural(), PROCEDURAL);
        register(new Builtin(), BUILTIN);
        context.registerService(
            Converter.class,
            new org.apache.felix.gogo.jline.Converters(context),
            new Hashtable<>());
      }
    }
  }

  private void register(Object target, String... functions) {
    Hashtable<String, Object> properties = new Hashtable<>();
    properties.put(CommandProcessor.COMMAND_SCOPE, "gogo");
    properties.put(CommandProcessor.COMMAND_FUNCTION, functions);
    context.registerService(target.getClass().getName(), target, properties);
  }

  @Override
  public Object execute(CommandSession session, Commands commands, CharSequence line)
      throws Exception {
    try {
      return session.execute(line);
    } catch (InterruptedException e) {
      running.interrupt(false);
      running.await();
      throw e;
    }
  }

  @Override
  public void edit(LineReaderBuilder builder, CommandSession session, Commands commands) {
    builder
        .parser(new Parser())
        .highlighter(new Highlighter(session))
        .completer(
            new CommandCompleter(
                commands, Optional.of(new FileCandidates(session::currentDir, false))));
  }
}
