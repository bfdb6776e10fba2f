package org.riglab.base;

import com.google.gson.Gson;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.temporal.Temporal;
import java.time.temporal.TemporalAmount;
import java.util.Optional;

/** How values are written that Gson would refuse or write by their fields. */
final class JsonValues implements TypeAdapterFactory {
  private interface Writing<T> {
    void write(JsonWriter out, T value) throws IOException;
  }

  @Override
  public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
    Class<?> raw = type.getRawType();
    if (raw == Optional.class) {
      return written((out, value) -> optional(gson, out, (Optional<?>) value));
    }
    if (raw == Double.class || raw == double.class || raw == Float.class || raw == float.class) {
      return written((out, value) -> finite(out, (Number) value));
    }
    if (Enum.class.isAssignableFrom(raw)) {
      return written((out, value) -> out.value(Names.writtenChoice((Enum<?>) value)));
    }
    if (Path.class.isAssignableFrom(raw)
        || Temporal.class.isAssignableFrom(raw)
        || TemporalAmount.class.isAssignableFrom(raw)) {
      return written((out, value) -> out.value(value.toString()));
    }
    return null;
  }

  private static void optional(Gson gson, JsonWriter out, Optional<?> value) throws IOException {
    if (value.isEmpty()) {
      out.nullValue();
    } else {
      gson.toJson(value.get(), value.get().getClass(), out);
    }
  }

  private static void finite(JsonWriter out, Number value) throws IOException {
    if (Double.isFinite(value.doubleValue())) {
      out.value(value);
    } else {
      out.nullValue();
    }
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
        throw new UnsupportedOperationException("values are only written");
      }
    };
  }
}
