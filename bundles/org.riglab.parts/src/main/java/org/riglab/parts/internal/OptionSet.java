package org.riglab.parts.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.base.Names;

/**
 * The options that an annotation or a record declares.
 *
 * @param options in the order of listings
 */
public record OptionSet(List<Option> options) {
  /** Listing more names than this would no longer be one line. */
  private static final int NAMED_IN_ERRORS = 12;

  /**
   * One option.
   *
   * @param member name of the annotation's method or record's component
   * @param name as written in a spec
   * @param type of its values
   * @param defaultValue as {@link OptionType#read} gives it; null if a value must be given
   * @param about one line of help; may be empty
   * @param only the values that are allowed, as written; empty for all that the type has
   */
  public record Option(
      String member,
      String name,
      OptionType type,
      Object defaultValue,
      String about,
      List<String> only) {
    /** Without help or further bounds. */
    public Option(String member, String name, OptionType type, Object defaultValue) {
      this(member, name, type, defaultValue, "", List.of());
    }

    /** The same option with a default. */
    public Option withDefault(Object value) {
      return new Option(member, name, type, value, about, only);
    }

    private OptionInfo info() {
      List<String> allowed = only.isEmpty() ? List.copyOf(type.choices().keySet()) : only;
      return new OptionInfo(
          name,
          only.isEmpty() ? type.label() : "choice",
          defaultValue == null ? "" : OptionType.write(defaultValue),
          allowed,
          about);
    }
  }

  public List<OptionInfo> describe() {
    return options.stream().map(Option::info).toList();
  }

  /**
   * Checks values.
   *
   * @param what is configured, for error messages
   * @param values by option name, in any of the ways to write it
   * @return the values that were given, typed, in the order of the options
   */
  public Map<Option, Object> read(String what, Map<String, ?> values) {
    Map<String, Option> byName = new LinkedHashMap<>();
    options.forEach(o -> byName.put(o.name(), o));
    Map<String, Object> given = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          String name = Names.writtenOption(key);
          Option option = byName.get(name);
          if (option == null) {
            throw new RigException(
                what + " has no option '" + key + "'; it has " + known(name, byName.keySet()));
          }
          if (given.put(name, read(what, option, value)) != null) {
            throw new RigException(what + ": option '" + name + "' is given twice");
          }
        });
    Map<Option, Object> typed = new LinkedHashMap<>();
    for (Option option : options) {
      if (given.containsKey(option.name())) {
        typed.put(option, given.get(option.name()));
      }
    }
    return typed;
  }

  public static Object read(String what, Option option, Object value) {
    try {
      if (value != null) {
        return option.type().read(value);
      }
    } catch (RigException e) {
      throw new RigException(what + ": option '" + option.name() + "': " + e.getMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw illTyped(what, option, value, e);
    }
    throw illTyped(what, option, null, null);
  }

  private static RigException illTyped(String what, Option option, Object value, Exception cause) {
    String shown =
        value instanceof List<?> || value instanceof Map<?, ?> ? "" + value : "'" + value + "'";
    return new RigException(
        what
            + ": option '"
            + option.name()
            + "' is "
            + shown
            + "; it must be "
            + option.type().allowed(),
        cause);
  }

  private static String known(String name, Collection<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String some =
        Names.nearestFirst(name, names).limit(NAMED_IN_ERRORS).collect(Collectors.joining(", "));
    int more = names.size() - NAMED_IN_ERRORS;
    return more > 0 ? some + " and " + more + " more" : some;
  }

  public static OptionSet sorted(Collection<Option> options) {
    List<Option> sorted = new ArrayList<>(options);
    sorted.sort(Comparator.comparing(Option::name));
    return new OptionSet(sorted);
  }
}
