package org.riglab.tensors;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;

/**
 * JSON objects as maps in the order of the text. Numbers without fraction and exponent are {@link
 * Long}, others {@link Double}.
 */
public final class Json {
  /** The largest file that is read, in bytes: a spec is never larger, a slip often is. */
  public static final long LIMIT = 16L << 20;

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  /**
   * @param file a file with one JSON object
   * @return the object
   * @throws RigException if it is missing, unreadable, too large or no JSON object
   */
  public static Map<String, Object> read(Path file) {
    try {
      if (Files.size(file) > LIMIT) {
        throw new RigException(file + " is larger than " + (LIMIT >> 20) + " MiB");
      }
      return parse(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      throw new RigException("there is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new RigException(file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new RigException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * @param text one JSON object
   * @param where it comes from, for error messages
   * @return the object
   * @throws RigException if it is no JSON object; says where it went wrong
   */
  public static Map<String, Object> parse(String text, String where) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      try {
        Map<String, Object> object = object(reader);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
          throw new MalformedJsonException("text after the object");
        }
        return object;
      } catch (MalformedJsonException | EOFException | IllegalStateException e) {
        // Gson's first line ends with line, column and path; the second is a link. What it says
        // about its own leniency helps nobody who writes a file.
        String reason =
            String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^Use JsonReader.*malformed JSON", "malformed");
        throw new RigException(where + " is not a JSON object: " + reason, e);
      }
    } catch (IOException e) {
      throw new RigException("cannot read " + where + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, Object> object(JsonReader reader) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      String path = reader.getPath();
      if (map.containsKey(name)) {
        throw new MalformedJsonException("the key at path " + path + " occurs twice");
      }
      map.put(name, value(reader));
    }
    reader.endObject();
    return map;
  }

  private static Object value(JsonReader reader) throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(reader);
      case BEGIN_ARRAY -> {
        List<Object> list = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
          list.add(value(reader));
        }
        reader.endArray();
        yield list;
      }
      case NUMBER -> number(reader);
      case BOOLEAN -> reader.nextBoolean();
      case NULL -> {
        reader.nextNull();
        yield null;
      }
      default -> reader.nextString();
    };
  }

  private static Number number(JsonReader reader) throws IOException {
    String path = reader.getPath();
    String text = reader.nextString();
    if (text.chars().allMatch(c -> c == '-' || Character.isDigit(c))) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        throw new MalformedJsonException("the number at path " + path + " is too large", e);
      }
    }
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new MalformedJsonException("the number at path " + path + " is too large");
    }
    return value;
  }

  /**
   * @param object maps, lists, numbers, texts, booleans; NaN is written null
   * @return the JSON text, ending with a line break
   */
  public static String text(Map<String, ?> object) {
    return GSON.toJson(defined(object)) + "\n";
  }

  // JSON has no NaN: a number that is not defined is null.
  private static Object defined(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((k, v) -> copy.put(k, defined(v)));
      return copy;
    }
    if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list.size());
      list.forEach(v -> copy.add(defined(v)));
      return copy;
    }
    return value instanceof Double d && d.isNaN() ? null : value;
  }

  /**
   * Writes a file through a temporary one beside it, so that a reader sees the old or the new one.
   *
   * @param file where to; its directory is made if need be
   * @param object see {@link #text}
   */
  public static void write(Path file, Map<String, ?> object) {
    AtomicFile.writeText(file, text(object));
  }
}
