package org.riglab.base;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;

/**
 * JSON. An object is read as a map in the order of the text: numbers without fraction and exponent
 * are {@link Long}, others {@link Double}, arrays are lists. Reading is strict (RFC 8259), and
 * refuses duplicate keys, deep nesting and numbers that no {@code long} or {@code double} holds.
 *
 * <p>Written are records by component, maps, lists, texts, numbers and booleans. NaN, infinities
 * and empty optionals become null, an enum constant is written like {@code per-iteration}, times
 * are in ISO 8601.
 */
public final class Json {
  /** The largest file that is read, in bytes. */
  public static final long LIMIT = 16L << 20;

  private static final int DEPTH = 64;

  /** Parsing a decimal number takes time that is quadratic in its length. */
  private static final int NUMBER_LENGTH = 40;

  private static final Gson LINE =
      new GsonBuilder()
          .disableHtmlEscaping()
          .serializeNulls()
          .registerTypeAdapterFactory(new JsonValues())
          .create();

  private static final Gson TEXT = LINE.newBuilder().setPrettyPrinting().create();

  private Json() {}

  /**
   * @param file a file with one JSON object
   * @return the object; can be changed
   * @throws RigException NOT_FOUND if there is no such file, INVALID if it is too large or not a
   *     JSON object, IO if it cannot be read
   */
  public static Map<String, Object> read(Path file) {
    try {
      if (Files.size(file) > LIMIT) {
        throw new RigException(file + " is larger than " + (LIMIT >> 20) + " MiB");
      }
      return parse(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /**
   * @param file a file with one JSON object, or no file
   * @return the object, as {@link #read} has it; empty if there is no such file
   */
  public static Optional<Map<String, Object>> readIfExists(Path file) {
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /**
   * @param bytes one JSON object in UTF-8
   * @param where its source, for error messages
   * @return the object; can be changed
   * @throws RigException INVALID if it is not a JSON object; says where it went wrong
   */
  public static Map<String, Object> parse(byte[] bytes, String where) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RigException(where + " is not UTF-8 text; expected a JSON object", e);
    }
    return parse(text, where);
  }

  /**
   * @param text one JSON object
   * @param where its source, for error messages
   * @return the object; can be changed
   * @throws RigException INVALID if it is not a JSON object; says where it went wrong
   */
  public static Map<String, Object> parse(String text, String where) {
    return document(text, where, JsonToken.BEGIN_OBJECT, Json::object);
  }

  /**
   * @param text one JSON array
   * @param where its source, for error messages
   * @return its items; can be changed
   * @throws RigException INVALID if it is not a JSON array; says where it went wrong
   */
  public static List<Object> parseArray(String text, String where) {
    return document(text, where, JsonToken.BEGIN_ARRAY, Json::array);
  }

  private interface Reading<T> {
    T read(JsonReader reader) throws IOException;
  }

  private static <T> T document(String text, String where, JsonToken kind, Reading<T> reading) {
    String expected = kind == JsonToken.BEGIN_OBJECT ? "a JSON object" : "a JSON array";
    if (text.isBlank()) {
      throw new RigException(where + " is empty; expected " + expected);
    }
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(DEPTH);
      JsonToken first = reader.peek();
      if (first != kind) {
        throw new RigException(where + " holds " + described(first) + "; expected " + expected);
      }
      T value = reading.read(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedJsonException("text after the end");
      }
      return value;
    } catch (MalformedJsonException | EOFException e) {
      throw new RigException(where + " is not " + expected + ": " + reason(e), e);
    } catch (IOException e) {
      throw new IllegalStateException("text in memory cannot fail", e);
    }
  }

  private static String described(JsonToken first) {
    return switch (first) {
      case BEGIN_OBJECT -> "an object";
      case BEGIN_ARRAY -> "an array";
      case NUMBER -> "a number";
      case STRING -> "a text";
      case BOOLEAN -> "a boolean";
      default -> "null";
    };
  }

  /**
   * Gson's first line ends with line, column and path; the second is a link. Its advice about
   * leniency is for programmers.
   */
  private static String reason(IOException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^Use JsonReader.*malformed JSON", "malformed");
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

  private static List<Object> array(JsonReader reader) throws IOException {
    List<Object> list = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      list.add(value(reader));
    }
    reader.endArray();
    return list;
  }

  private static Object value(JsonReader reader) throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(reader);
      case BEGIN_ARRAY -> array(reader);
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
    if (text.length() > NUMBER_LENGTH) {
      throw new MalformedJsonException("the number at path " + path + " is too long");
    }
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
   * @param value see the class
   * @return JSON on several lines, with a line end after the last
   */
  public static String text(Object value) {
    return TEXT.toJson(value) + "\n";
  }

  /**
   * @param value see the class
   * @return JSON on one line, without a line end
   */
  public static String line(Object value) {
    return LINE.toJson(value);
  }

  /**
   * @param value see the class
   * @return JSON as a tree, to which more can be added; {@link #text} and {@link #line} write it
   */
  public static JsonElement tree(Object value) {
    return LINE.toJsonTree(value);
  }

  /**
   * Replaces a file as {@link AtomicFile#write} does.
   *
   * @param file where to; its directory is made if need be
   * @param value see {@link #text}
   */
  public static void write(Path file, Object value) {
    AtomicFile.writeText(file, text(value));
  }
}
