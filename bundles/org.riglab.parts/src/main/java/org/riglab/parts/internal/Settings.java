package org.riglab.parts.internal;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.api.bench.Setting;

/** What {@link Setting} says of the components of records. */
public final class Settings {
  private Settings() {}

  /**
   * @param component of a record
   * @return its line of help; may be empty
   */
  public static String about(RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    return setting == null ? "" : setting.about();
  }

  /**
   * @param component of a record
   * @return the values allowed, as written; empty for any
   */
  public static List<String> choices(RecordComponent component) {
    Setting setting = component.getAnnotation(Setting.class);
    return setting == null ? List.of() : List.of(setting.choices());
  }

  /**
   * Checks a value.
   *
   * @param what is configured, for messages
   * @param option its name
   * @param setting what is allowed
   * @param value as the record has it
   * @param written the same as text
   * @throws RigException if it is not allowed; its message states what is
   */
  public static void check(
      String what, String option, Setting setting, Object value, String written) {
    List<?> elements = value instanceof List<?> list ? list : List.of(value);
    boolean holds =
        elements.stream()
                .filter(Number.class::isInstance)
                .map(Number.class::cast)
                .allMatch(number -> within(setting, number.doubleValue()))
            && (setting.lengths().length == 0
                || Arrays.stream(setting.lengths()).anyMatch(n -> n == elements.size()))
            && (setting.choices().length == 0 || List.of(setting.choices()).contains(written))
            && (setting.pattern().isEmpty() || written.matches(setting.pattern()));
    if (!holds) {
      throw new RigException(
          "%s: option '%s' is %s; it must be %s"
              .formatted(what, option, shown(value), right(setting)));
    }
  }

  private static Object shown(Object value) {
    return value instanceof Enum<?> constant
        ? org.riglab.base.Names.writtenChoice(constant.name())
        : value;
  }

  private static boolean within(Setting setting, double number) {
    return number >= setting.least()
        && number <= setting.most()
        && number > setting.above()
        && number < setting.below();
  }

  private static String right(Setting setting) {
    if (!setting.right().isEmpty()) {
      return setting.right();
    } else if (setting.choices().length > 0) {
      return "one of " + String.join(", ", setting.choices());
    } else if (!setting.pattern().isEmpty()) {
      return "text that matches " + setting.pattern();
    }
    String from =
        Stream.of(setting.least(), setting.above())
            .filter(Double::isFinite)
            .map(OptionType::write)
            .findFirst()
            .orElse("any number");
    if (Double.isFinite(setting.above())) {
      from = "more than " + from;
    }
    if (Double.isFinite(setting.below())) {
      return from + " to less than " + OptionType.write(setting.below());
    } else if (Double.isFinite(setting.most())) {
      return from + " to " + OptionType.write(setting.most());
    }
    return Double.isFinite(setting.above()) ? from : from + " or more";
  }
}
