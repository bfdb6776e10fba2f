package org.riglab.web.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.base.Json;

/**
 * Typed access to the fields of a JSON object.
 *
 * @param values as {@link Json#parse} reads them
 */
record BodyFields(Map<String, Object> values) {
  String text(String key, String otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key, "a text");
  }

  String text(String key) {
    return text(needed(key), null);
  }

  long whole(String key, long otherwise) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Long number) {
      return number;
    }
    throw wrong(key, "a whole number");
  }

  /**
   * @return the value of {@code key}, from {@code least} to {@code most}
   */
  int integer(String key, int least, int most) {
    long value = whole(needed(key), 0);
    if (value < least || value > most) {
      throw wrong(key, "a whole number from " + least + " to " + most);
    }
    return (int) value;
  }

  List<Long> wholes(String key) {
    List<Long> numbers = new ArrayList<>();
    for (Object value : list(key)) {
      if (!(value instanceof Long number)) {
        throw wrong(key, "a list of whole numbers");
      }
      numbers.add(number);
    }
    return numbers;
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object value : list(key)) {
      if (!(value instanceof String text)) {
        throw wrong(key, "a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  /**
   * @return the object under {@code key}, which must be there
   */
  Map<String, Object> required(String key) {
    return object(needed(key));
  }

  Map<String, Object> object(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> object = new LinkedHashMap<>();
      map.forEach((k, v) -> object.put((String) k, v));
      return object;
    }
    throw wrong(key, "an object");
  }

  Map<String, List<Object>> lists(String key) {
    Map<String, List<Object>> lists = new LinkedHashMap<>();
    object(key)
        .forEach(
            (name, value) -> {
              if (!(value instanceof List<?> list)) {
                throw wrong(key, "an object of lists");
              }
              lists.put(name, new ArrayList<>(list));
            });
    return lists;
  }

  private List<?> list(String key) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(key, "a list");
  }

  private String needed(String key) {
    if (values.get(key) == null) {
      throw new Refusal(400, key + " is missing");
    }
    return key;
  }

  private static Refusal wrong(String key, String right) {
    return new Refusal(400, key + " is not " + right);
  }
}
