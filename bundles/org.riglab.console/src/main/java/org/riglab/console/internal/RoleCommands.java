package org.riglab.console.internal;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.felix.gogo.runtime.CommandProxy;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;

/**
 * The commands that a role may call, found among the services themselves: what is checked is what
 * is called.
 */
final class RoleCommands extends Commands {
  private static final String FILTER =
      "(&("
          + CommandProcessor.COMMAND_SCOPE
          + "=rig)("
          + CommandProcessor.COMMAND_FUNCTION
          + "=*))";
  private static final Set<String> HELP = Set.of("-h", "--help");
  private static final Pattern PIECES = Pattern.compile("[=:,;\\s]");

  private final BundleContext context;
  private final Role role;

  RoleCommands(BundleContext context, Role role) {
    super(context);
    this.context = context;
    this.role = role;
  }

  @Override
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    all()
        .forEach(
            (name, reference) -> {
              if (needed(reference, List.of("--help")).compareTo(role) <= 0) {
                names.add(name);
              }
            });
    return names;
  }

  @Override
  Function get(String name) {
    ServiceReference<?> reference = all().get(plain(name));
    return reference == null || needed(reference, List.of("--help")).compareTo(role) > 0
        ? null
        : new CommandProxy(context, reference, plain(name));
  }

  @Override
  boolean allowed(String name, List<String> words) {
    ServiceReference<?> reference = all().get(plain(name));
    return reference != null && role.includes(needed(reference, words));
  }

  /**
   * Finds a command that the role may call with these words.
   *
   * @param name with or without scope
   * @param words that follow
   * @return the command
   * @throws UsageException if there is none of that name
   * @throws DeniedException if the role may not call it with these words
   */
  Function find(String name, List<String> words) throws UsageException, DeniedException {
    ServiceReference<?> reference = all().get(plain(name));
    if (reference == null) {
      throw unknown(name);
    }
    Role needed = needed(reference, words);
    if (!role.includes(needed)) {
      throw new DeniedException(
          plain(name)
              + (!words.isEmpty() && !actions(reference).containsKey("") ? " " + words.get(0) : "")
              + " needs the role "
              + needed.word()
              + "; yours is "
              + role.word());
    }
    CommandProxy proxy = new CommandProxy(context, reference, plain(name));
    confine(words);
    if (role == Role.VIEWER) {
      withoutFiles(proxy, words);
    }
    return proxy;
  }

  private static String plain(String name) {
    return name.startsWith(SCOPE) ? name.substring(SCOPE.length()) : name;
  }

  /** By name; of several services the one that Gogo would take. */
  private Map<String, ServiceReference<?>> all() {
    Map<String, ServiceReference<?>> all = new LinkedHashMap<>();
    try {
      ServiceReference<?>[] references = context.getServiceReferences((String) null, FILTER);
      if (references != null) {
        Arrays.sort(references, Comparator.reverseOrder());
        for (ServiceReference<?> reference : references) {
          for (String name : strings(reference.getProperty(CommandProcessor.COMMAND_FUNCTION))) {
            all.putIfAbsent(name, reference);
          }
        }
      }
      return all;
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> strings(Object property) {
    if (property instanceof String string) {
      return List.of(string);
    } else if (property instanceof String[] strings) {
      return List.of(strings);
    } else if (property instanceof Collection<?> collection) {
      return collection.stream().map(String::valueOf).toList();
    }
    return List.of();
  }

  /** By action; a command without actions has the empty one. */
  private static Map<String, Role> actions(ServiceReference<?> reference) {
    Map<String, Role> actions = new LinkedHashMap<>();
    for (String entry : strings(reference.getProperty(Role.PROPERTY))) {
      int equals = entry.lastIndexOf('=');
      try {
        actions.put(entry.substring(0, Math.max(0, equals)), Role.of(entry.substring(equals + 1)));
      } catch (RigException e) {
        // A role that is none: the action stays the admin's.
        actions.put(entry.substring(0, Math.max(0, equals)), Role.ADMIN);
      }
    }
    return actions;
  }

  private static Role needed(ServiceReference<?> reference, List<String> words) {
    Map<String, Role> actions = actions(reference);
    Role whole = actions.remove("");
    if (whole != null) {
      for (Map.Entry<String, Role> entry : actions.entrySet()) {
        String option = entry.getKey();
        if (!option.startsWith("-")) {
          // An action beside the command's own function.
          if (!words.isEmpty() && words.get(0).equals(option)) {
            whole = entry.getValue().compareTo(whole) > 0 ? entry.getValue() : whole;
          }
          continue;
        }
        boolean given =
            words.stream().anyMatch(w -> w.equals(option) || w.startsWith(option + "="));
        if (given && entry.getValue().compareTo(whole) > 0) {
          whole = entry.getValue();
        }
      }
      return whole;
    }
    if (!words.isEmpty() && HELP.contains(words.get(0))) {
      return actions.values().stream().min(Comparator.naturalOrder()).orElse(Role.ADMIN);
    }
    return words.isEmpty() ? Role.ADMIN : actions.getOrDefault(words.get(0), Role.ADMIN);
  }

  /** A command may take any part of any word for a path. */
  private static void confine(List<String> words) throws DeniedException {
    for (String word : words) {
      for (String piece : PIECES.split(word)) {
        if (piece.startsWith("/")
            || piece.startsWith("~")
            || piece.indexOf('\\') >= 0
            || List.of(piece.split("/")).contains("..")) {
          throw new DeniedException(
              "'" + word + "' is outside of your directory; file names are relative to HOME/files");
        }
      }
    }
  }

  private void withoutFiles(CommandProxy proxy, List<String> words) throws DeniedException {
    Set<String> options = new HashSet<>();
    Object target = proxy.getTarget();
    try {
      for (Method method : target.getClass().getMethods()) {
        for (java.lang.reflect.Parameter parameter : method.getParameters()) {
          Parameter option = parameter.getAnnotation(Parameter.class);
          if (option != null && isPath(parameter.getParameterizedType())) {
            options.addAll(List.of(option.names()));
          }
        }
      }
    } finally {
      proxy.ungetTarget();
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      String option = (equals < 0 ? word : word.substring(0, equals)).replace('_', '-');
      if (options.contains(option)) {
        throw new DeniedException(option + " names a file, which requires the role operator");
      }
    }
  }

  private static boolean isPath(Type type) {
    return type == Path.class
        || type == java.io.File.class
        || type instanceof ParameterizedType generic
            && Arrays.asList(generic.getActualTypeArguments()).contains(Path.class);
  }
}
