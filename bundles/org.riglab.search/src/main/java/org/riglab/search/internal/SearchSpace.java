package org.riglab.search.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.search.SearchRequest;

/**
 * The fields of a search with the values that they may have. A point of the space has a coordinate
 * from 0 (included) to 1 (excluded) for each field.
 *
 * @param fields in the order of the file or command line
 */
record SearchSpace(List<Field> fields) {
  private static final String NUMBER = "[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?";
  private static final Pattern RANGE =
      Pattern.compile("((?:int:|log:)*)(" + NUMBER + ")\\.\\.(" + NUMBER + ")");
  private static final int DIGITS = 4;

  /** How coordinates become values. */
  enum Scale {
    /** A number; coordinates are proportional to it. */
    LINEAR,
    /** A number above 0; coordinates are proportional to its logarithm. */
    LOG,
    /** One of a list. */
    CHOICE
  }

  /**
   * A field of a spec.
   *
   * @param name {@code network.FIELD}, or an option of the training
   * @param scale of its values
   * @param whole whether the values are whole numbers
   * @param low the least value of a number
   * @param high the largest value of a number, included
   * @param choices the values of a choice; empty for a number
   * @param text as written
   */
  record Field(
      String name,
      Scale scale,
      boolean whole,
      double low,
      double high,
      List<Object> choices,
      String text) {
    /**
     * @param u from 0 to 1
     * @return the value: a {@link Long}, a {@link Double} with four significant digits, or a choice
     */
    Object value(double u) {
      double inside = Math.min(Math.max(u, 0), Math.nextDown(1.0));
      if (scale == Scale.CHOICE) {
        return choices.get((int) (inside * choices.size()));
      }
      if (whole) {
        double value =
            scale == Scale.LINEAR
                ? low + Math.floor(inside * (high - low + 1))
                : Math.rint(between(inside));
        return (long) Math.min(Math.max(value, low), high);
      }
      return Math.min(Math.max(rounded(between(inside)), low), high);
    }

    private double between(double u) {
      return scale == Scale.LOG
          ? Math.exp(Math.log(low) + u * (Math.log(high) - Math.log(low)))
          : low + u * (high - low);
    }

    private static double rounded(double value) {
      return Double.parseDouble(String.format(Locale.ROOT, "%." + (DIGITS - 1) + "e", value));
    }
  }

  /**
   * @param written a range or choices by field: {@code LOW..HIGH}, {@code log:LOW..HIGH}, {@code
   *     int:LOW..HIGH}, {@code int:log:LOW..HIGH}, {@code A/B/C}, or a list of choices
   * @param where for error messages
   * @return the space
   * @throws RigException INVALID if a field is none of these
   */
  static SearchSpace of(Map<String, ?> written, String where) {
    if (written.isEmpty()) {
      throw new RigException(
          where + ": there are no fields to search; expected for example lr=log:1e-4..1e-1");
    }
    List<Field> fields = new ArrayList<>();
    written.forEach((name, value) -> fields.add(field(name, value, where + ": " + name)));
    return new SearchSpace(List.copyOf(fields));
  }

  /**
   * @param files see there
   * @return the same, with names of files among the choices as a run finds them
   */
  SearchSpace named(SearchRequest.Files files) {
    return new SearchSpace(
        fields.stream()
            .map(
                field ->
                    new Field(
                        field.name(),
                        field.scale(),
                        field.whole(),
                        field.low(),
                        field.high(),
                        field.choices().stream()
                            .map(choice -> files.option(option(field.name()), choice))
                            .toList(),
                        field.text()))
            .toList());
  }

  /** The name of an option without {@code network.}, which has fields and options of parts. */
  private static String option(String field) {
    return field.startsWith(SearchPlan.NETWORK)
        ? field.substring(SearchPlan.NETWORK.length())
        : field;
  }

  /**
   * @param text as {@link #text} gives it
   * @return its fields; choices without their values
   */
  static SearchSpace read(Map<String, ?> text) {
    List<Field> fields = new ArrayList<>();
    text.forEach(
        (name, value) -> {
          String written = String.valueOf(value);
          fields.add(
              RANGE.matcher(written).matches()
                  ? field(name, written, name)
                  : new Field(name, Scale.CHOICE, false, 0, 0, List.of(), written));
        });
    return new SearchSpace(List.copyOf(fields));
  }

  private static Field field(String name, Object value, String where) {
    if (value instanceof List<?> list) {
      if (list.stream().anyMatch(Objects::isNull)) {
        throw new RigException(where + " is " + list + "; null is no value");
      }
      return choice(name, List.copyOf(list), list.toString(), where);
    }
    String text = String.valueOf(value).strip();
    Matcher range = RANGE.matcher(text);
    if (!range.matches()) {
      if (text.contains("..") && !text.contains("/")) {
        throw new RigException(
            String.format(
                Locale.ROOT,
                "%s is '%s'; expected LOW..HIGH, log:LOW..HIGH, int:LOW..HIGH, int:log:LOW..HIGH"
                    + " or A/B/C",
                where,
                text));
      }
      List<Object> choices = new ArrayList<>(Arrays.asList((Object[]) text.split("/")));
      return choice(name, choices, text, where);
    }
    boolean log = range.group(1).contains("log:");
    boolean whole = range.group(1).contains("int:");
    double low = number(range.group(2), where);
    double high = number(range.group(3), where);
    if (!(low < high)
        || log && low <= 0
        || whole && (low != Math.rint(low) || high != Math.rint(high))) {
      throw new RigException(
          String.format(
              Locale.ROOT,
              "%s is '%s'; the first bound must be less than the second%s%s",
              where,
              text,
              log ? " and more than 0" : "",
              whole ? ", both whole numbers" : ""));
    }
    return new Field(name, log ? Scale.LOG : Scale.LINEAR, whole, low, high, List.of(), text);
  }

  private static Field choice(String name, List<Object> choices, String text, String where) {
    if (choices.size() < 2 || choices.stream().distinct().count() < choices.size()) {
      throw new RigException(where + " is '" + text + "'; expected two or more different values");
    }
    return new Field(name, Scale.CHOICE, false, 0, 0, List.copyOf(choices), text);
  }

  private static double number(String word, String where) {
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw new RigException(where + ": '" + word + "' is not a number", e);
    }
  }

  /**
   * @param point a coordinate for each field
   * @return values by field
   */
  Map<String, Object> values(double[] point) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int f = 0; f < fields.size(); f++) {
      values.put(fields.get(f).name(), fields.get(f).value(point[f]));
    }
    return values;
  }

  /** As written, by field. */
  Map<String, Object> text() {
    Map<String, Object> text = new LinkedHashMap<>();
    fields.forEach(field -> text.put(field.name(), field.text()));
    return text;
  }
}
