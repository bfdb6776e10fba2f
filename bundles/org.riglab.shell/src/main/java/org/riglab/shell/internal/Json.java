package org.riglab.shell.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.riglab.api.RigException;

/** JSON in and out. */
final class Json {
  private static final Gson READER =
      new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();
  private static final Gson WRITER =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  /**
   * @param file a JSON object
   * @return the object
   * @throws RigException if the file cannot be read or is no JSON object
   */
  static Map<String, Object> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new RigException("there is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new RigException(file + " is no text in UTF-8; expected a JSON object", e);
    } catch (IOException e) {
      throw new RigException(file + " cannot be read: " + e.getClass().getSimpleName(), e);
    }
    if (text.isBlank()) {
      throw new RigException(file + " is empty; expected a JSON object");
    }
    try {
      // Asked first: Gson would take an array for a map, too.
      if (JsonParser.parseString(text).isJsonObject()) {
        return READER.fromJson(text, new TypeToken<Map<String, Object>>() {}.getType());
      }
    } catch (JsonParseException e) {
      throw new RigException(file + " is not a JSON object: " + reason(e), e);
    }
    throw new RigException(file + " holds no JSON object, but something else");
  }

  /** What the parser says, without the names of its classes and where to read about it. */
  private static String reason(JsonParseException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return message.replaceFirst("^([a-z]+\\.)+\\w+: ", "");
  }

  /**
   * @param tree JSON
   * @return the text, with a line end
   */
  static String text(JsonElement tree) {
    return WRITER.toJson(tree) + "\n";
  }

  /**
   * Turns a value into JSON: a record becomes an object with its components' names as keys, an
   * empty optional, NaN and infinities become null, an enum constant is written like {@code
   * per-iteration}.
   *
   * @param value a record, map, collection, number, boolean, or anything that is its {@code
   *     toString}
   * @return the tree
   */
  static JsonElement of(Object value) {
    if (value == null) {
      return JsonNull.INSTANCE;
    } else if (value instanceof Optional<?> optional) {
      return of(optional.orElse(null));
    } else if (value instanceof Record record) {
      JsonObject object = new JsonObject();
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        object.add(component.getName(), of(component(record, component)));
      }
      return object;
    } else if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((key, item) -> object.add(String.valueOf(key), of(item)));
      return object;
    } else if (value instanceof Collection<?> items) {
      JsonArray array = new JsonArray();
      items.forEach(item -> array.add(of(item)));
      return array;
    } else if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue()) ? new JsonPrimitive(number) : JsonNull.INSTANCE;
    } else if (value instanceof Boolean flag) {
      return new JsonPrimitive(flag);
    } else if (value instanceof Enum<?> constant) {
      return new JsonPrimitive(word(constant));
    }
    return new JsonPrimitive(value.toString());
  }

  /**
   * @param constant of an enum
   * @return its name as in a spec, for example {@code per-iteration}
   */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Object component(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("accessors of records are public and do not throw", e);
    }
  }
}
