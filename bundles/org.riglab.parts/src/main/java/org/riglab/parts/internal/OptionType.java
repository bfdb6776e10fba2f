package org.riglab.parts.internal;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.bench.PartSpec;
import org.riglab.base.Names;
import org.riglab.parts.PartSpecs;

/**
 * The type of an option, free of the class it came from. Values are kept as a JSON parser would
 * give them: {@link Long}, {@link Double}, {@link Boolean}, {@link String}, {@link PartSpec}, or a
 * list of one of these.
 *
 * @param kind of the value, or of a list's elements
 * @param list whether it is a list
 * @param choices constant names by written name; empty unless the kind is a choice
 */
public record OptionType(Kind kind, boolean list, Map<String, String> choices) {
  public enum Kind {
    INT("int"),
    LONG("int"),
    NUMBER("number"),
    BOOLEAN("boolean"),
    TEXT("text"),
    CHOICE("choice"),
    PART("part");

    private final String label;

    Kind(String label) {
      this.label = label;
    }
  }

  private static final Pattern RANGE = Pattern.compile("(\\d{1,4})\\.\\.(\\d{1,4})");
  private static final Pattern SIZE = Pattern.compile("\\d+(x\\d+)+");

  /**
   * @param type a Java type
   * @return its option type; empty if options cannot have it
   */
  public static Optional<OptionType> of(Type type) {
    if (type instanceof Class<?> c) {
      return c.isArray() ? scalar(c.getComponentType()).map(OptionType::asList) : scalar(c);
    }
    if (type instanceof ParameterizedType p
        && p.getRawType() == List.class
        && p.getActualTypeArguments()[0] instanceof Class<?> element) {
      return scalar(element).map(OptionType::asList);
    }
    return Optional.empty();
  }

  private static Optional<OptionType> scalar(Class<?> c) {
    if (c.isEnum()) {
      Map<String, String> choices = new LinkedHashMap<>();
      for (Object constant : c.getEnumConstants()) {
        String name = ((Enum<?>) constant).name();
        choices.put(Names.writtenChoice(name), name);
      }
      return Optional.of(new OptionType(Kind.CHOICE, false, choices));
    }
    Kind kind =
        c == int.class || c == Integer.class
            ? Kind.INT
            : c == long.class || c == Long.class
                ? Kind.LONG
                : c == double.class || c == Double.class
                    ? Kind.NUMBER
                    : c == boolean.class || c == Boolean.class
                        ? Kind.BOOLEAN
                        : c == String.class ? Kind.TEXT : c == PartSpec.class ? Kind.PART : null;
    return Optional.ofNullable(kind).map(k -> new OptionType(k, false, Map.of()));
  }

  private OptionType asList() {
    return new OptionType(kind, true, choices);
  }

  /** As in {@link org.riglab.api.bench.OptionInfo#type()}. */
  public String label() {
    return list ? "list of " + kind.label : kind.label;
  }

  /** What a value may be, for error messages. */
  public String allowed() {
    String one =
        switch (kind) {
          case INT -> "an int";
          case LONG -> "an int of up to 64 bits";
          case NUMBER -> "a number";
          case BOOLEAN -> "true or false";
          case TEXT -> "a text";
          case CHOICE -> "one of " + String.join(", ", choices.keySet());
          case PART -> "NAME or NAME:OPTION=VALUE";
        };
    return list ? "a list, each " + one : one;
  }

  /**
   * @param given a value from JSON, from the shell, or a typed one
   * @return the value as described above
   * @throws IllegalArgumentException if it has the wrong type
   */
  public Object read(Object given) {
    if (!list) {
      return readOne(given);
    }
    List<?> elements =
        given instanceof List<?> l ? l : given instanceof String s ? split(s) : List.of(given);
    List<Object> result = new ArrayList<>(elements.size());
    for (Object element : elements) {
      result.add(readOne(element));
    }
    return List.copyOf(result);
  }

  private List<String> split(String text) {
    String trimmed = text.trim();
    if (trimmed.isEmpty()) {
      return List.of();
    }
    if (kind == Kind.INT || kind == Kind.LONG) {
      Matcher range = RANGE.matcher(trimmed);
      if (range.matches()) {
        int from = Integer.parseInt(range.group(1));
        int to = Integer.parseInt(range.group(2));
        List<String> numbers = new ArrayList<>();
        for (int i = from; from <= to ? i <= to : i >= to; i += from <= to ? 1 : -1) {
          numbers.add(Integer.toString(i));
        }
        return numbers;
      }
      if (SIZE.matcher(trimmed).matches()) {
        return Arrays.asList(trimmed.split("x"));
      }
    }
    return Arrays.asList(trimmed.split(",", -1));
  }

  private Object readOne(Object given) {
    return switch (kind) {
      case INT -> (long) exact(given).intValueExact();
      case LONG -> exact(given).longValueExact();
      case NUMBER -> finite(given);
      case BOOLEAN -> bool(given);
      case TEXT -> text(given);
      case CHOICE -> choice(given);
      case PART -> given instanceof PartSpec part ? part : PartSpecs.read(given);
    };
  }

  // ArithmeticException of the callers' ...Exact is an ill-typed value like any other.
  private static BigDecimal exact(Object given) {
    if (given instanceof String s) {
      return new BigDecimal(s.trim());
    }
    if (given instanceof Integer || given instanceof Long) {
      return BigDecimal.valueOf(((Number) given).longValue());
    }
    if (given instanceof Double d) {
      return BigDecimal.valueOf(d);
    }
    throw new IllegalArgumentException();
  }

  private static Double finite(Object given) {
    double value = given instanceof Double d ? d : exact(given).doubleValue();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static Boolean bool(Object given) {
    if (given instanceof Boolean b) {
      return b;
    }
    return switch (text(given).trim()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static String text(Object given) {
    if (given instanceof String s) {
      return s;
    }
    throw new IllegalArgumentException();
  }

  private String choice(Object given) {
    String name = given instanceof Enum<?> e ? e.name() : text(given).trim();
    String written = Names.writtenChoice(name);
    if (choices.containsKey(written)) {
      return written;
    }
    throw new IllegalArgumentException();
  }

  /** A value as it is written in a shell. */
  public static String write(Object value) {
    if (value instanceof List<?> l) {
      return String.join(",", l.stream().map(OptionType::write).toList());
    }
    if (value instanceof Double d) {
      BigDecimal exact = BigDecimal.valueOf(d).stripTrailingZeros();
      return Math.abs(exact.scale()) > 6
          ? exact.toString().toLowerCase(Locale.ROOT)
          : exact.toPlainString();
    }
    return value instanceof PartSpec part ? PartSpecs.write(part) : value.toString();
  }
}
