package org.riglab.shell.internal;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.riglab.api.RigException;

/**
 * How a command is called: read from the Gogo annotations of its method.
 *
 * <p>Parameters with {@link Parameter} are options, one of type {@code Map} collects settings that
 * are known at run time only, the others are arguments: {@code Optional} ones may be left out, a
 * last {@code List} takes one or more, a last {@code Collection} any number; an option that is one
 * may be repeated. Records of parameters are read by {@link Parameters}, descriptors of options by
 * {@link Option#named}.
 *
 * @param command as typed, for example {@code plugin install}
 * @param about what it does
 * @param options in order of declaration
 * @param arguments in order
 * @param types of the method's parameters, see {@link Parameters}
 */
record Usage(
    String command,
    String about,
    List<Option> options,
    List<Argument> arguments,
    List<Type> types) {

  /** The help is an option of every command. */
  static final Set<String> HELP = Set.of("-h", "--help");

  /** Longest option beside its description. */
  private static final int WIDEST = 34;

  private static final int LISTED_IN_ERRORS = 16;
  private static final int ALIKE = "--abc".length();
  private static final Pattern NUMBER = Pattern.compile("-[0-9.].*");

  /**
   * An argument without a name.
   *
   * @param name in capitals
   * @param about one line
   * @param index of the method's parameter
   * @param required whether it must be there
   * @param many whether it takes all remaining words
   */
  record Argument(String name, String about, int index, boolean required, boolean many) {

    private String shown() {
      String shown = many ? name + "..." : name;
      return required ? shown : "[" + shown + "]";
    }
  }

  /**
   * @param command as typed
   * @param method with Gogo's annotations
   * @param settings options that the method's {@code Map} parameter collects
   * @return how to call it
   */
  static Usage of(String command, Method method, List<Option> settings) {
    List<Option> options = new ArrayList<>();
    List<Argument> arguments = new ArrayList<>();
    List<java.lang.reflect.Parameter> parameters = Parameters.of(method);
    for (int i = 0; i < parameters.size(); i++) {
      java.lang.reflect.Parameter parameter = parameters.get(i);
      Class<?> type = parameter.getType();
      Parameter option = parameter.getAnnotation(Parameter.class);
      Descriptor descriptor = parameter.getAnnotation(Descriptor.class);
      String about = descriptor == null ? "" : descriptor.value();
      if (option != null) {
        options.add(option(option, parameter.getParameterizedType(), about, i));
      } else if (type == Map.class) {
        int index = i;
        settings.stream().map(s -> s.at(index)).forEach(options::add);
      } else if (type != CommandSession.class) {
        String name = parameter.getName().toUpperCase(Locale.ROOT);
        boolean many = type == List.class || type == Collection.class;
        boolean required = type != Optional.class && type != Collection.class;
        arguments.add(new Argument(name, about, i, required, many));
      }
    }
    Descriptor descriptor = method.getAnnotation(Descriptor.class);
    return new Usage(
        command,
        descriptor == null ? "" : descriptor.value(),
        List.copyOf(options),
        List.copyOf(arguments),
        parameters.stream().map(java.lang.reflect.Parameter::getParameterizedType).toList());
  }

  private static Option option(Parameter option, Type type, String about, int index) {
    boolean flag = !option.presentValue().equals(Parameter.UNSPECIFIED);
    return new Option(
            Arrays.stream(option.names()).sorted(Comparator.comparing(String::length)).toList(),
            flag ? "" : valueName(type),
            "",
            flag ? "" : option.absentValue(),
            index,
            "",
            List.of(),
            false)
        .named(about);
  }

  private static String valueName(Type type) {
    Type plain = element(type);
    return plain == Path.class ? "PATH" : plain == String.class ? "TEXT" : "N";
  }

  /** The type of a value: what an {@code Optional} or a {@code List} contains. */
  static Type element(Type type) {
    return type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[0] : type;
  }

  /**
   * Converts what was typed.
   *
   * @param session the first parameter's value; paths are relative to its directory
   * @param typed options and arguments in any order; nothing after {@code --} is an option
   * @return values of the parameters, see {@link Parameters#arguments}
   * @throws RigException if an option is unknown, lacks its value, or is given twice and is no
   *     {@code List}, or an argument is missing, too many or of the wrong type
   */
  Object[] bind(CommandSession session, List<String> typed) {
    Object[] values = new Object[types.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = absent(types.get(i), session);
    }
    for (Option option : options) {
      if (option.setting().isEmpty() && !option.flag()) {
        values[option.index()] =
            present(option.index(), option.name(), option.defaultValue(), session);
      }
    }
    List<String> rest = new ArrayList<>();
    Set<Option> given = new HashSet<>();
    for (int i = 0; i < typed.size(); i++) {
      String word = typed.get(i);
      if (word.equals("--")) {
        rest.addAll(typed.subList(i + 1, typed.size()));
        break;
      }
      if (!word.startsWith("-") || word.length() == 1 || NUMBER.matcher(word).matches()) {
        rest.add(word);
        continue;
      }
      int equals = word.startsWith("--") ? word.indexOf('=') : -1;
      Option option = find(equals < 0 ? word : word.substring(0, equals));
      if (!given.add(option) && !repeatable(option)) {
        throw error("option " + option.name() + " is given twice");
      }
      if (option.flag()) {
        if (equals >= 0) {
          throw error("option " + option.name() + " takes no value");
        }
        values[option.index()] = true;
      } else if (equals >= 0) {
        set(values, option, word.substring(equals + 1), session);
      } else if (i + 1 < typed.size() && !known(typed.get(i + 1))) {
        set(values, option, typed.get(++i), session);
      } else {
        throw error("option " + option.name() + " needs a value: " + option.value());
      }
    }
    arguments(values, rest, session);
    return values;
  }

  private void arguments(Object[] values, List<String> rest, CommandSession session) {
    int next = 0;
    for (Argument argument : arguments) {
      if (next == rest.size()) {
        if (argument.required()) {
          throw error(argument.name() + " is missing");
        }
      } else if (argument.many()) {
        List<Object> many = new ArrayList<>();
        for (String word : rest.subList(next, rest.size())) {
          many.add(convert(element(types.get(argument.index())), argument.name(), word, session));
        }
        values[argument.index()] = List.copyOf(many);
        next = rest.size();
      } else {
        values[argument.index()] =
            present(argument.index(), argument.name(), rest.get(next++), session);
      }
    }
    if (next < rest.size()) {
      throw error("'" + rest.get(next) + "' is an unexpected argument");
    }
  }

  private void set(Object[] values, Option option, String value, CommandSession session) {
    if (option.setting().isEmpty()) {
      Object one = present(option.index(), option.name(), value, session);
      values[option.index()] =
          repeatable(option) ? joined((List<?>) values[option.index()], (List<?>) one) : one;
    } else {
      @SuppressWarnings("unchecked") // made by absent()
      Map<String, String> settings = (Map<String, String>) values[option.index()];
      settings.put(option.setting(), value);
    }
  }

  /** Whether an option may be given more than once. */
  boolean repeatable(Option option) {
    return types.get(option.index()) instanceof ParameterizedType generic
        && generic.getRawType() == List.class;
  }

  private static List<Object> joined(List<?> first, List<?> second) {
    List<Object> both = new ArrayList<>(first);
    both.addAll(second);
    return List.copyOf(both);
  }

  private static Object absent(Type type, CommandSession session) {
    if (type == CommandSession.class) {
      return session;
    } else if (type == boolean.class) {
      return false;
    } else if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == Optional.class
          ? Optional.empty()
          : generic.getRawType() == Map.class ? new LinkedHashMap<>() : List.of();
    }
    return null;
  }

  private Object present(int index, String name, String value, CommandSession session) {
    Type type = types.get(index);
    if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
      return value.isEmpty()
          ? Optional.empty()
          : Optional.of(convert(element(type), name, value, session));
    }
    if (type instanceof ParameterizedType) {
      return value.isEmpty() ? List.of() : List.of(convert(element(type), name, value, session));
    }
    return convert(type, name, value, session);
  }

  private Object convert(Type type, String name, String value, CommandSession session) {
    try {
      if (type == int.class || type == Integer.class) {
        return Integer.valueOf(value);
      } else if (type == long.class || type == Long.class) {
        return Long.valueOf(value);
      } else if (type == Path.class) {
        return NamedFiles.resolve(session, value);
      }
      return NamedFiles.part(session, name, value);
    } catch (NumberFormatException e) {
      throw error(name + " must be a whole number, not '" + value + "'");
    } catch (InvalidPathException e) {
      throw error(name + " must be a path, not '" + value + "'");
    }
  }

  private boolean known(String word) {
    return options.stream().anyMatch(o -> o.names().contains(word));
  }

  /**
   * @param word as typed, without a value
   * @return the option of that name
   */
  Optional<Option> option(String word) {
    String dashed = word.startsWith("--") ? word.replace('_', '-') : word;
    return options.stream().filter(option -> option.names().contains(dashed)).findFirst();
  }

  private Option find(String word) {
    return option(word)
        .orElseThrow(
            () ->
                error(
                    "there is no option "
                        + word
                        + "; "
                        + allowed(word.startsWith("--") ? word.replace('_', '-') : word)));
  }

  /** All options; of a long list, those that start like the word. */
  private String allowed(String word) {
    Stream<String> names = Stream.concat(options.stream().map(Option::name), Stream.of("--help"));
    if (options.size() < LISTED_IN_ERRORS) {
      return "allowed: " + names.sorted().collect(Collectors.joining(", "));
    }
    String start = word.substring(0, Math.min(word.length(), ALIKE));
    String alike =
        names.filter(n -> n.startsWith(start)).sorted().collect(Collectors.joining(", "));
    return (alike.isEmpty() ? "" : "similar: " + alike + "; ")
        + "'rig "
        + command
        + " --help' lists all";
  }

  private RigException error(String message) {
    return wrong(message + " (usage: " + line() + ")");
  }

  /**
   * @param message one line: what is wrong, where, and what is expected
   * @return an INVALID failure: the command line is wrong
   */
  static RigException wrong(String message) {
    return new RigException(message);
  }

  /**
   * @return the call in one line, for example {@code show NAME [OPTION...]}
   */
  String line() {
    String line =
        arguments.stream().map(a -> " " + a.shown()).collect(Collectors.joining("", command, ""));
    return options.isEmpty() ? line : line + " [OPTION...]";
  }

  /**
   * @param columns width of the text
   * @return the help
   */
  String help(int columns) {
    StringBuilder help = new StringBuilder("rig " + line() + "\n");
    help.append(Text.wrap(about, 0, columns)).append("\n\n");
    List<List<String>> rows = new ArrayList<>();
    for (Argument argument : arguments) {
      rows.add(List.of(argument.name(), argument.about()));
    }
    for (Option option : options) {
      String names = String.join(", ", option.names());
      if (option.names().size() == 1) {
        names = "    " + names;
      }
      String about = option.about();
      if (!option.defaultValue().isEmpty()) {
        about = (about + " [" + option.defaultValue() + "]").strip();
      }
      rows.add(List.of(option.flag() ? names : names + " " + option.value(), about));
    }
    rows.add(List.of("-h, --help", "prints this help"));
    int most = Math.min(WIDEST, columns * 2 / 5);
    int widest =
        rows.stream().mapToInt(r -> r.get(0).length()).filter(w -> w <= most).max().orElse(0);
    for (List<String> row : rows) {
      String left = "  " + row.get(0);
      int indent = widest + 4;
      String right = Text.wrap(row.get(1), indent, columns);
      if (right.isEmpty()) {
        help.append(left);
      } else if (left.length() + 2 > indent) {
        help.append(left).append('\n').append(" ".repeat(indent)).append(right);
      } else {
        help.append(left).append(" ".repeat(indent - left.length())).append(right);
      }
      help.append('\n');
    }
    return help.toString();
  }
}
