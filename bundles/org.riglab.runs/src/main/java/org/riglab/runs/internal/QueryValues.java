package org.riglab.runs.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.Names;
import org.riglab.runs.internal.RunFields.Field;
import org.riglab.runs.internal.RunFields.Type;
import org.riglab.runs.internal.RunQuery.Operator;

/** The values of conditions: numbers, times, durations and sizes. */
final class QueryValues {
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
  private static final Pattern UNIT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
  private static final Map<String, Double> SECONDS =
      Map.of("", 1.0, "s", 1.0, "m", 60.0, "min", 60.0, "h", 3600.0, "d", 86400.0, "w", 604800.0);
  private static final Map<String, Double> BYTES =
      Map.of(
          "", 1.0, "b", 1.0, "kib", 0x1p10, "mib", 0x1p20, "gib", 0x1p30, "tib", 0x1p40, "kb", 1e3,
          "mb", 1e6, "gb", 1e9, "tb", 1e12);

  private QueryValues() {}

  /**
   * What a value of a time stands for: a moment or a day.
   *
   * @param first milliseconds
   * @param after the first millisecond behind it
   */
  record Range(long first, long after) {}

  /** The operator in SQL, without a negation; {@code ~} for contains. */
  static String sign(Operator operator) {
    return switch (operator) {
      case EQUAL, NOT_EQUAL -> "=";
      case LESS -> "<";
      case AT_MOST -> "<=";
      case MORE -> ">";
      case AT_LEAST -> ">=";
      case CONTAINS, CONTAINS_NOT -> "~";
    };
  }

  static OptionalDouble number(String text) {
    return NUMBER.matcher(text).matches()
        ? OptionalDouble.of(Double.parseDouble(text))
        : OptionalDouble.empty();
  }

  /**
   * @param text with the unit that the field allows
   * @return in the unit of the store
   * @throws RigException INVALID if it is no such number
   */
  static double number(Field field, String text) {
    if (field.type() == Type.DURATION) {
      return unit(field, text, SECONDS, "a duration; write for example 90s, 30m, 12h or 7d");
    }
    if (field.type() == Type.SIZE) {
      return unit(field, text, BYTES, "a size; write for example 500MiB or 2GiB");
    }
    boolean percent = field.type() == Type.PERCENT;
    double value =
        number(percent && text.endsWith("%") ? text.substring(0, text.length() - 1) : text)
            .orElseThrow(() -> wrong(field, text, "a number"));
    return percent ? value / 100 : value;
  }

  private static double unit(Field field, String text, Map<String, Double> units, String what) {
    Matcher matcher = UNIT.matcher(text);
    Double unit = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw wrong(field, text, what);
    }
    return Double.parseDouble(matcher.group(1)) * unit;
  }

  private static RigException wrong(Field field, String text, String what) {
    return new RigException(
        "'%s' is compared with %s, which is not %s"
            .formatted(field.name(), Names.shown(text), what));
  }

  /** A date, or a date and time; of this machine's zone where it names none. */
  static Range time(String field, String text) {
    ZoneId zone = ZoneId.systemDefault();
    try {
      if (!text.contains("T")) {
        LocalDate day = LocalDate.parse(text);
        return new Range(
            day.atStartOfDay(zone).toInstant().toEpochMilli(),
            day.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli());
      }
      Instant moment =
          text.matches(".*T.*(Z|[-+]\\d\\d:?\\d\\d)")
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).atZone(zone).toInstant();
      return new Range(moment.toEpochMilli(), moment.toEpochMilli() + 1);
    } catch (DateTimeException e) {
      throw new RigException(
          "'%s' is compared with %s, which is not a time; write 2026-11-30, 2026-11-30T14:00 or, for ages, age<7d"
              .formatted(field, Names.shown(text)),
          e);
    }
  }
}
