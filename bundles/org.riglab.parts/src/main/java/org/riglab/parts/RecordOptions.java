package org.riglab.parts;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.OptionInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.bench.Setting;
import org.riglab.base.Names;
import org.riglab.parts.internal.OptionSet;
import org.riglab.parts.internal.OptionSet.Option;
import org.riglab.parts.internal.OptionType;
import org.riglab.parts.internal.Settings;

/**
 * Specs, declared by records. Components are int, long, double, boolean, String, enums, {@link
 * PartSpec}, or lists of these; {@code outputStride} is written {@code output_stride}. A component
 * that is a record itself stands for its own components: specs are flat where they are written.
 * What {@link Setting} says of a component is checked.
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
   * @param type the record type
   * @return what {@link Setting#before} says, by option name
   */
  public static Map<String, Object> before(Class<? extends Record> type) {
    Map<String, Object> before = new LinkedHashMap<>();
    for (RecordComponent leaf : leaves(type)) {
      Setting setting = leaf.getAnnotation(Setting.class);
      if (setting != null && !setting.before().isEmpty()) {
        before.put(Names.writtenOption(leaf.getName()), setting.before());
      }
    }
    return before;
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
   * @throws RigException if an option is unknown, has the wrong type, is out of range or missing
   */
  public static <T extends Record> T record(
      String what, Class<T> type, Map<String, ?> values, Map<String, ?> defaults) {
    OptionSet set = of(what, type, defaults);
    Map<Option, Object> given = set.read(what, values);
    Map<String, Object> all = new LinkedHashMap<>();
    for (Option option : set.options()) {
      Object value = given.getOrDefault(option, option.defaultValue());
      if (value == null) {
        throw new RigException(
            what + " needs option '" + option.name() + "', " + option.type().allowed());
      }
      all.put(option.name(), value);
    }
    T made = make(type, all);
    check(what, made);
    return made;
  }

  private static <T extends Record> T make(Class<T> type, Map<String, Object> values) {
    List<Object> arguments = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Optional<Class<? extends Record>> nested = nested(component);
      arguments.add(
          nested.isPresent()
              ? make(nested.get(), values)
              : java(
                  component,
                  type(component),
                  values.get(Names.writtenOption(component.getName()))));
    }
    return create(type, arguments);
  }

  /**
   * Checks a record against what {@link Setting} says of its components.
   *
   * @param what is configured, for error messages, for example {@code training}
   * @param spec the record
   * @throws RigException if a value is out of range; its message states the range
   */
  public static void check(String what, Record spec) {
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      Object value = component(spec, component);
      Setting setting = component.getAnnotation(Setting.class);
      if (nested(component).isPresent()) {
        check(what, (Record) value);
      } else if (setting != null) {
        String written = OptionType.write(type(component).read(value));
        Settings.check(what, Names.writtenOption(component.getName()), setting, value, written);
      }
    }
  }

  /**
   * The opposite of {@link #record}.
   *
   * @param spec a record
   * @return its values as JSON would give them, parts as maps, by written name, in order
   */
  public static Map<String, Object> values(Record spec) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      Object value = component(spec, component);
      if (nested(component).isPresent()) {
        result.putAll(values((Record) value));
      } else {
        result.put(Names.writtenOption(component.getName()), plain(type(component).read(value)));
      }
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
    List<Option> options =
        leaves(type).stream()
            .map(
                leaf ->
                    new Option(
                        leaf.getName(),
                        Names.writtenOption(leaf.getName()),
                        type(leaf),
                        null,
                        Settings.about(leaf),
                        Settings.choices(leaf)))
            .toList();
    Map<Option, Object> values = new OptionSet(options).read(what, defaults);
    return new OptionSet(
        options.stream().map(option -> option.withDefault(values.get(option))).toList());
  }

  private static List<RecordComponent> leaves(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            component ->
                nested(component)
                    .map(record -> leaves(record).stream())
                    .orElseGet(() -> Stream.of(component)))
        .toList();
  }

  private static Optional<Class<? extends Record>> nested(RecordComponent component) {
    return component.getType().isRecord() && component.getType() != PartSpec.class
        ? Optional.of(component.getType().asSubclass(Record.class))
        : Optional.empty();
  }

  private static OptionType type(RecordComponent component) {
    return OptionType.of(component.getGenericType())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    component.getDeclaringRecord().getName() + "." + component.getName()));
  }

  private static Object java(RecordComponent component, OptionType type, Object value) {
    if (type.list()) {
      boolean narrow = component.getGenericType().getTypeName().contains("java.lang.Integer");
      return ((List<?>) value)
          .stream().map(v -> narrow ? (Object) Math.toIntExact((Long) v) : v).toList();
    }
    return switch (type.kind()) {
      case INT -> Math.toIntExact((Long) value);
      case CHOICE -> constant(component.getType(), type.choices().get(value));
      default -> value;
    };
  }

  static Object constant(Class<?> type, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(c -> ((Enum<?>) c).name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static <T extends Record> T create(Class<T> type, List<Object> arguments) {
    try {
      Constructor<T> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getType)
                  .toArray(Class<?>[]::new));
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
