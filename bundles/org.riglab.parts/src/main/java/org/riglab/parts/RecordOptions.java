package org.riglab.parts;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.base.Names;
import org.riglab.parts.internal.OptionSet;
import org.riglab.parts.internal.OptionSet.Option;
import org.riglab.parts.internal.OptionType;

/**
 * Specs, declared by records. Components are int, long, double, boolean, String, enums, {@link
 * PartSpec}, or lists of these; {@code outputStride} is written {@code output_stride}.
 */
public final class RecordOptions {
  private RecordOptions() {}

  /**
   * @param type the record type
   * @param defaults by option name; may lack some
   * @return the options in the order of the components; an option that must be given has an empty
   *     default
   */
  public static List<OptionInfo> describe(Class<? extends Record> type, Map<String, ?> defaults) {
    return of(type.getSimpleName(), type, defaults).describe();
  }

  /**
   * Makes a record.
   *
   * @param <T> the record type
   * @param what is configured, for error messages, for example {@code training}
   * @param type the record type
   * @param values by option name, as JSON gives them, typed, or all as text: lists as {@code
   *     2,2,2,2}, {@code 6..4} or {@code 240x180}, parts as {@code mul-sigmoid:init=open}
   * @param defaults the same, for what the values lack
   * @return the record
   * @throws RigException if an option is unknown, has the wrong type or is missing
   */
  public static <T extends Record> T record(
      String what, Class<T> type, Map<String, ?> values, Map<String, ?> defaults) {
    OptionSet set = of(what, type, defaults);
    Map<Option, Object> given = set.read(what, values);
    List<Object> arguments = new ArrayList<>();
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      Option option = set.options().get(i);
      Object value = given.getOrDefault(option, option.defaultValue());
      if (value == null) {
        throw new RigException(
            what + " needs option '" + option.name() + "', " + option.type().allowed());
      }
      arguments.add(java(components[i], option, value));
    }
    return create(type, components, arguments);
  }

  /**
   * The opposite of {@link #record}.
   *
   * @param spec a record
   * @return its values as JSON would give them, parts as maps, by written name, in order
   */
  public static Map<String, Object> values(Record spec) {
    Map<String, Object> result = new LinkedHashMap<>();
    RecordComponent[] components = spec.getClass().getRecordComponents();
    for (RecordComponent component : components) {
      OptionType type = type(spec.getClass(), component);
      Object value = type.read(component(spec, component));
      result.put(Names.writtenOption(component.getName()), plain(value));
    }
    return result;
  }

  private static Object plain(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(RecordOptions::plain).toList();
    }
    return value instanceof PartSpec part ? PartSpecs.map(part) : value;
  }

  private static OptionSet of(String what, Class<? extends Record> type, Map<String, ?> defaults) {
    List<Option> options = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      options.add(
          new Option(
              component.getName(),
              Names.writtenOption(component.getName()),
              type(type, component),
              null));
    }
    Map<Option, Object> values = new OptionSet(options).read(what, defaults);
    return new OptionSet(
        options.stream()
            .map(o -> new Option(o.member(), o.name(), o.type(), values.get(o)))
            .toList());
  }

  private static OptionType type(Class<?> owner, RecordComponent component) {
    return OptionType.of(component.getGenericType())
        .orElseThrow(
            () -> new IllegalArgumentException(owner.getName() + "." + component.getName()));
  }

  private static Object java(RecordComponent component, Option option, Object value) {
    if (option.type().list()) {
      boolean narrow = component.getGenericType().getTypeName().contains("java.lang.Integer");
      return ((List<?>) value)
          .stream().map(v -> narrow ? (Object) Math.toIntExact((Long) v) : v).toList();
    }
    return switch (option.type().kind()) {
      case INT -> Math.toIntExact((Long) value);
      case CHOICE -> constant(component.getType(), option.type().choices().get(value));
      default -> value;
    };
  }

  static Object constant(Class<?> type, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(c -> ((Enum<?>) c).name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static <T extends Record> T create(
      Class<T> type, RecordComponent[] components, List<Object> arguments) {
    try {
      Constructor<T> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(arguments.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object component(Record spec, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(spec);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
