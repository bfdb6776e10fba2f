package org.riglab.tensors;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.base.Names;
import org.riglab.tensors.Safetensors.Entry;
import org.riglab.tensors.internal.TensorNames;

/** The header of a safetensors file: a JSON object that says where which tensor is. */
final class SafetensorsHeader {
  private static final String METADATA = "__metadata__";

  private final Path file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /**
   * Reads a header and checks that its tensors fill the file without holes.
   *
   * @param file for messages
   * @param text of the header
   * @param dataBytes behind the header
   * @throws RigException INVALID if it is broken
   */
  SafetensorsHeader(Path file, ByteBuffer text, long dataBytes) {
    this.file = file;
    parse(text);
    checkLayout(dataBytes);
  }

  Map<String, Entry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  private void parse(ByteBuffer text) {
    List<String> duplicates = new ArrayList<>();
    try {
      String json = StandardCharsets.UTF_8.newDecoder().decode(text).toString();
      JsonReader reader = new JsonReader(new StringReader(json));
      reader.setStrictness(Strictness.STRICT);
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        if (name.equals(METADATA)) {
          reader.beginObject();
          while (reader.hasNext()) {
            metadata.put(reader.nextName(), reader.nextString());
          }
          reader.endObject();
        } else if (!TensorNames.fine(name)) {
          throw bad(TensorNames.complaint(name));
        } else if (entries.put(name, parseEntry(reader, name)) != null) {
          duplicates.add(name);
        }
      }
      reader.endObject();
      // The reference implementation pads the header with spaces.
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw bad("there is data after the header's JSON object");
      }
    } catch (CharacterCodingException e) {
      throw broken("the header is not UTF-8", e);
    } catch (MalformedJsonException | EOFException e) {
      throw broken("the header is not JSON", e);
    } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
      throw broken("the header is not laid out as safetensors", e);
    }
    if (!duplicates.isEmpty()) {
      throw bad("tensor " + duplicates.get(0) + " is there twice");
    }
  }

  private Entry parseEntry(JsonReader reader, String name) throws IOException {
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "dtype" -> dtype = reader.nextString();
        case "shape" -> shape = longs(reader);
        case "data_offsets" -> offsets = longs(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw bad("tensor " + name + " lacks dtype, shape or two data_offsets");
    }
    return new Entry(dtype(name, dtype), shape, offsets.get(0), offsets.get(1));
  }

  private Dtype dtype(String name, String text) {
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw bad(
        "tensor "
            + name
            + " has dtype "
            + Names.shown(text)
            + "; known are "
            + List.of(Dtype.values()));
  }

  private static List<Long> longs(JsonReader reader) throws IOException {
    List<Long> values = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      values.add(reader.nextLong());
    }
    reader.endArray();
    return values;
  }

  private void checkLayout(long dataBytes) {
    List<Map.Entry<String, Entry>> byOffset = new ArrayList<>(entries.entrySet());
    byOffset.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long expected = 0;
    for (Map.Entry<String, Entry> e : byOffset) {
      Entry entry = e.getValue();
      String tensor = "tensor " + e.getKey();
      if (entry.begin() < 0 || entry.end() < entry.begin() || entry.end() > dataBytes) {
        throw bad(
            tensor
                + " lies at bytes "
                + entry.begin()
                + " to "
                + entry.end()
                + " of "
                + dataBytes
                + "; the file is cut off or its header wrong");
      }
      if (entry.begin() != expected) {
        throw bad(
            tensor
                + " begins at byte "
                + entry.begin()
                + (entry.begin() < expected ? " inside another tensor" : " behind a hole")
                + ", expected was "
                + expected);
      }
      if (bytes(tensor, entry) != entry.end() - entry.begin()) {
        throw bad(
            tensor
                + " takes "
                + (entry.end() - entry.begin())
                + " bytes, but "
                + entry.dtype()
                + " of shape "
                + entry.shape()
                + " needs "
                + bytes(tensor, entry));
      }
      expected = entry.end();
    }
    if (expected != dataBytes) {
      throw bad("the tensors end at byte " + expected + " of " + dataBytes);
    }
  }

  private long bytes(String tensor, Entry entry) {
    try {
      long bytes = entry.dtype().bytes();
      for (long size : entry.shape()) {
        if (size < 0) {
          throw bad(tensor + " has shape " + entry.shape());
        }
        bytes = Math.multiplyExact(bytes, size);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw broken(tensor + " has the impossible shape " + entry.shape(), e);
    }
  }

  static byte[] written(
      Map<String, List<Long>> shapes, Map<String, LongTensor> longs, Map<String, String> metadata) {
    JsonObject header = new JsonObject();
    if (!metadata.isEmpty()) {
      JsonObject object = new JsonObject();
      metadata.forEach(object::addProperty);
      header.add(METADATA, object);
    }
    long offset = 0;
    for (Map.Entry<String, LongTensor> e : longs.entrySet()) {
      offset = describe(header, e.getKey(), Dtype.I64, e.getValue().shape(), offset);
    }
    for (Map.Entry<String, List<Long>> e : shapes.entrySet()) {
      offset = describe(header, e.getKey(), Dtype.F32, e.getValue(), offset);
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  private static long describe(
      JsonObject header, String name, Dtype dtype, List<Long> shape, long offset) {
    if (name.equals(METADATA) || header.has(name)) {
      throw new IllegalArgumentException("tensor name " + name + " is taken");
    }
    long end = offset + product(shape) * dtype.bytes();
    JsonObject entry = new JsonObject();
    entry.addProperty("dtype", dtype.name());
    entry.add("shape", array(shape));
    entry.add("data_offsets", array(List.of(offset, end)));
    header.add(name, entry);
    return end;
  }

  private static JsonArray array(List<Long> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  static long product(List<Long> shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  private RigException bad(String what) {
    return broken(what, null);
  }

  private RigException broken(String what, Exception cause) {
    return new RigException("cannot read " + file + ": " + what, cause);
  }
}
