package org.riglab.console.internal;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;

/** A command as the console runs it: arguments are text, as typed, and its thread is known. */
final class RigCommand implements Function {
  private final String name;
  private final Function target;
  private final Running running;

  RigCommand(String name, Function target, Running running) {
    this.name = name;
    this.target = target;
    this.running = running;
  }

  @Override
  public Object execute(CommandSession session, List<Object> arguments) throws Exception {
    List<Object> words = new ArrayList<>();
    for (Object argument : arguments) {
      // Gogo converts words that look like a number or a boolean: 1e3 becomes
      // 1000.0, 007 becomes 7.
      // A pattern such as *.jpg is passed as one list of the names that match.
      Collection<?> several =
          argument instanceof Collection<?> list ? list : Collections.singleton(argument);
      for (Object word : several) {
        words.add(word instanceof CharSequence || word instanceof Path ? word.toString() : word);
      }
    }
    Object reflected = reflected();
    if (reflected != null && words.contains("--help")) {
      out(session).print(Signatures.of(reflected, name));
      return null;
    }
    running.enter();
    try {
      return target.execute(session, words);
    } catch (IllegalArgumentException e) {
      throw isBinding(e) ? usage(reflected) : e;
    } finally {
      running.leave();
    }
  }

  private static PrintStream out(CommandSession session) {
    Process process = Process.Utils.current();
    return process == null ? session.getConsole() : process.out();
  }

  /** Gogo itself found no method for the arguments. */
  private static boolean isBinding(IllegalArgumentException e) {
    StackTraceElement[] stack = e.getStackTrace();
    return stack.length > 0
        && stack[0].getClassName().equals("org.apache.felix.gogo.runtime.Reflective");
  }

  private UsageException usage(Object reflected) {
    String signatures = Signatures.of(reflected, name).lines().findFirst().orElse("");
    return new UsageException("invalid arguments; " + signatures);
  }

  /** The object whose methods Gogo binds; null if the command receives all arguments. */
  private Object reflected() {
    if (target instanceof CommandProxy proxy) {
      Object object = proxy.getTarget();
      proxy.ungetTarget();
      return object instanceof Function ? null : object;
    }
    return null;
  }
}
