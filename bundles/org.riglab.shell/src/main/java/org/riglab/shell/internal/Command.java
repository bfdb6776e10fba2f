package org.riglab.shell.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;

/**
 * A shell command, declared with Gogo's annotations: a public method with a {@link Descriptor} and
 * the command's name is the command; those of other names are its actions, chosen by the first
 * argument. Parameters of a method may be gathered in a record. Where there are only actions, the
 * class has a {@link Descriptor} for all of them.
 *
 * <p>Gogo's own binding treats a mistyped option as an argument, and reports a missing one with the
 * list of Java signatures; {@link Usage} binds instead, from the same annotations.
 */
abstract class Command implements Function {
  private final String name;
  private final Map<String, Method> actions = new TreeMap<>();

  /**
   * @param name the command's name without scope
   */
  Command(String name) {
    this.name = name;
    for (Method method : getClass().getMethods()) {
      if (Modifier.isPublic(method.getModifiers())
          && method.isAnnotationPresent(Descriptor.class)) {
        // A Java keyword has an underscore in front, as Gogo requires.
        actions.put(method.getName().replaceFirst("^_", ""), method);
      }
    }
  }

  /**
   * @return the command's name without scope
   */
  final String name() {
    return name;
  }

  /**
   * @return how to call it, one per action
   */
  final List<Usage> usages() {
    List<Usage> usages = new ArrayList<>();
    actions.forEach(
        (action, method) ->
            usages.add(
                Usage.of(action.equals(name) ? name : name + " " + action, method, settings())));
    return usages;
  }

  /**
   * @return the options that a {@code Map} parameter collects; read at every call
   */
  List<Option> settings() {
    return List.of();
  }

  /**
   * @return the action that is meant where none is given; empty if one must be
   */
  String standard() {
    return "";
  }

  @Override
  public final Object execute(CommandSession session, List<Object> arguments) throws Exception {
    List<String> typed = new ArrayList<>();
    for (Object argument : arguments) {
      // A pattern such as *.jpg is passed as one list of the names that match.
      Collection<?> several =
          argument instanceof Collection<?> list ? list : Collections.singleton(argument);
      several.forEach(word -> typed.add(String.valueOf(word)));
    }
    String called = name;
    Method method = actions.get(name);
    if (method != null && actions.size() > 1 && !typed.isEmpty()) {
      // A command that does something of its own may have actions beside it.
      Method action = typed.get(0).equals(name) ? null : actions.get(typed.get(0));
      method = action == null ? method : action;
      called = action == null ? name : name + " " + typed.remove(0);
    } else if (method == null) {
      boolean help = !typed.isEmpty() && Usage.HELP.contains(typed.get(0));
      if (help) {
        Terminal terminal = Terminal.of(session);
        terminal.page(overview(terminal));
        return null;
      }
      if (!standard().isEmpty() && (typed.isEmpty() || typed.get(0).startsWith("-"))) {
        typed.add(0, standard());
      }
      method = typed.isEmpty() ? null : actions.get(typed.get(0));
      if (method == null) {
        throw Usage.wrong(
            (typed.isEmpty() ? name : "'" + typed.get(0) + "' is not an action of " + name)
                + ": use "
                + String.join(", ", actions.keySet())
                + " or --help");
      }
      called = name + " " + typed.remove(0);
    }
    Usage usage = Usage.of(called, method, settings());
    int end = typed.indexOf("--");
    if (typed.subList(0, end < 0 ? typed.size() : end).stream().anyMatch(Usage.HELP::contains)) {
      Terminal terminal = Terminal.of(session);
      terminal.page(
          usage.help(terminal.columns()) + (called.equals(name) ? further(terminal) : ""));
      return null;
    }
    Object[] values = usage.bind(session, typed);
    try {
      return method.invoke(this, Parameters.arguments(method, Arrays.asList(values)));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** The actions beside a command of its own. */
  private String further(Terminal terminal) {
    StringBuilder further = new StringBuilder();
    for (Usage usage : usages()) {
      if (!usage.command().equals(name)) {
        further.append("\nrig ").append(usage.line()).append("\n    ");
        further.append(terminal.wrap(usage.about(), 4)).append('\n');
      }
    }
    return further.toString();
  }

  private String overview(Terminal terminal) {
    StringBuilder overview = new StringBuilder();
    Descriptor descriptor = getClass().getAnnotation(Descriptor.class);
    if (descriptor != null) {
      overview.append(terminal.wrap(descriptor.value(), 0)).append("\n\n");
    }
    for (Usage usage : usages()) {
      overview.append("rig ").append(usage.line()).append("\n    ");
      overview.append(terminal.wrap(usage.about(), 4)).append('\n');
    }
    if (!standard().isEmpty()) {
      overview.append("Without ACTION: ").append(standard()).append(". ");
    }
    return overview
        .append("rig ")
        .append(name)
        .append(" ACTION --help describes an action\n")
        .toString();
  }
}
