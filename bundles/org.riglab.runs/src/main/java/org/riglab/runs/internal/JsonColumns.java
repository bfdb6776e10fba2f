package org.riglab.runs.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.riglab.base.Json;

/** Reads the store's columns that hold JSON. */
final class JsonColumns {
  private static final String WHERE = "a column of the store";

  /** Version 0.1 wrote values that are not defined as NaN, which is not JSON. */
  private static final Pattern NAN = Pattern.compile("(?<=[:,\\[])NaN(?=[,}\\]])");

  private JsonColumns() {}

  /**
   * @param text JSON of version 0.1
   * @return the same with null where NaN stood
   */
  static String defined(String text) {
    return NAN.matcher(text).replaceAll("null");
  }

  static Map<String, Object> object(String text) {
    return Json.parse(text, WHERE);
  }

  static Map<String, String> texts(String text) {
    Map<String, String> texts = new LinkedHashMap<>();
    object(text).forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return texts;
  }

  /** Null is NaN. */
  static Map<String, Double> numbers(String text) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    object(defined(text))
        .forEach(
            (key, value) ->
                numbers.put(key, value instanceof Number n ? n.doubleValue() : Double.NaN));
    return numbers;
  }

  static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    Json.parseArray(text, WHERE).forEach(line -> lines.add(String.valueOf(line)));
    return lines;
  }
}
