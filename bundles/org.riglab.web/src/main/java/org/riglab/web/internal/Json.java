package org.riglab.web.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * JSON in and out. Read strictly: no duplicate keys, no deep nesting, no number beyond a double.
 * Written: records by component, NaN and infinities as null, enum constants like {@code
 * per-iteration}, times in ISO 8601.
 */
final class Json {
  private static final int DEPTH = 32;

  /** Longer digits are no number that anybody means. */
  private static final int NUMBER_LENGTH = 40;

  private static final TypeAdapter<Number> FINITE =
      new TypeAdapter<>() {
        @Override
        public void write(JsonWriter out, Number value) throws IOException {
          if (value == null || !Double.isFinite(value.doubleValue())) {
            out.nullValue();
          } else {
            out.value(value);
          }
        }

        @Override
        public Number read(JsonReader in) {
          throw new UnsupportedOperationException();
        }
      };

  private static final TypeAdapterFactory WORDS =
      new TypeAdapterFactory() {
        @Override
        public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
          Class<?> raw = type.getRawType();
          if (raw == Optional.class) {
            return written(
                (out, value) -> {
                  Object inner = ((Optional<?>) value).orElse(null);
                  if (inner == null) {
                    out.nullValue();
                  } else {
                    gson.toJson(inner, inner.getClass(), out);
                  }
                });
          }
          if (Enum.class.isAssignableFrom(raw)) {
            return written((out, value) -> out.value(word((Enum<?>) value)));
          }
          return raw == Instant.class ? written((out, value) -> out.value(value.toString())) : null;
        }
      };

  private static final Gson WRITER =
      new GsonBuilder()
          .disableHtmlEscaping()
          .serializeNulls()
          .registerTypeAdapter(Double.class, FINITE)
          .registerTypeAdapter(double.class, FINITE)
          .registerTypeAdapter(Float.class, FINITE)
          .registerTypeAdapter(float.class, FINITE)
          .registerTypeAdapterFactory(WORDS)
          .create();

  private Json() {}

  private interface Writing<T> {
    void write(JsonWriter out, T value) throws IOException;
  }

  private static <T> TypeAdapter<T> written(Writing<T> writing) {
    return new TypeAdapter<>() {
      @Override
      public void write(JsonWriter out, T value) throws IOException {
        if (value == null) {
          out.nullValue();
        } else {
          writing.write(out, value);
        }
      }

      @Override
      public T read(JsonReader in) {
        throw new UnsupportedOperationException();
      }
    };
  }

  /**
   * @param constant of an enum
   * @return its name in JSON, for example {@code per-iteration}
   */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @param value records, maps, lists, numbers, texts, booleans
   * @return JSON in UTF-8
   */
  static byte[] bytes(Object value) {
    return WRITER.toJson(value).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param bytes what a client sent
   * @return the JSON object: numbers without fraction are {@link Long}, others {@link Double}
   * @throws Refusal 400 if it is no JSON object; says where it went wrong
   */
  static Map<String, Object> object(byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(400, "the body is not UTF-8");
    }
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(DEPTH);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new Refusal(400, "the body is not a JSON object");
      }
      Map<String, Object> object = object(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new Refusal(400, "the body has text after the JSON object");
      }
      return object;
    } catch (EOFException e) {
      throw new Refusal(400, "the body ends inside the JSON object");
    } catch (MalformedJsonException e) {
      // Gson's first line says where; what it says about its own leniency helps nobody.
      String reason =
          e.getMessage()
              .lines()
              .findFirst()
              .orElse("")
              .replaceFirst("^Use JsonReader.*malformed JSON", "malformed");
      throw new Refusal(400, "the body is not a JSON object: " + reason);
    } catch (IOException e) {
      throw new IllegalStateException("text in memory cannot fail", e);
    }
  }

  private static Map<String, Object> object(JsonReader reader) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (map.containsKey(name)) {
        throw new MalformedJsonException("the key at path " + reader.getPath() + " occurs twice");
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
    if (text.length() > NUMBER_LENGTH) {
      throw new MalformedJsonException("the number at path " + path + " is too long");
    }
    try {
      if (text.chars().allMatch(c -> c == '-' || Character.isDigit(c))) {
        return Long.valueOf(text);
      }
    } catch (NumberFormatException e) {
      throw new MalformedJsonException("the number at path " + path + " is too large", e);
    }
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw new MalformedJsonException("the number at path " + path + " is too large");
    }
    return value;
  }
}
