package org.riglab.lab.internal.runs;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;

/** JSON text, for the store's columns and a run's files. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .disableHtmlEscaping()
          .serializeNulls()
          .serializeSpecialFloatingPointValues()
          .create();
  private static final TypeToken<Map<String, Object>> OBJECT = new TypeToken<>() {};
  private static final TypeToken<Map<String, String>> STRINGS = new TypeToken<>() {};
  private static final TypeToken<Map<String, Double>> NUMBERS = new TypeToken<>() {};
  private static final TypeToken<List<String>> LINES = new TypeToken<>() {};

  private Json() {}

  static String text(Object value) {
    return GSON.toJson(value);
  }

  static Map<String, Object> object(String text) {
    return GSON.fromJson(text, OBJECT);
  }

  static Map<String, String> strings(String text) {
    return GSON.fromJson(text, STRINGS);
  }

  static Map<String, Double> numbers(String text) {
    return GSON.fromJson(text, NUMBERS);
  }

  static List<String> lines(String text) {
    return GSON.fromJson(text, LINES);
  }

  /**
   * @param file a JSON object
   * @return the object; empty if there is no such file
   * @throws RigException if it is none
   */
  static Map<String, Object> read(Path file) {
    if (!Files.exists(file)) {
      return new LinkedHashMap<>();
    }
    try {
      Map<String, Object> object = object(Files.readString(file));
      if (object != null) {
        return object;
      }
    } catch (JsonParseException e) {
      // One line of Gson's: the next says where to read about it.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new RigException(file + " is not a JSON object: " + reason, e);
    } catch (IOException e) {
      throw new RigException("cannot read " + file + ": " + e, e);
    }
    throw new RigException(file + " is empty; right would be a JSON object");
  }
}
