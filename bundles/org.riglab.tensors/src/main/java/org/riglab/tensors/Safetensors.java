package org.riglab.tensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.api.RigException;
import org.riglab.base.AtomicFile;
import org.riglab.base.Sha256;

/**
 * An open safetensors file: eight bytes of header length, a JSON header, the tensors little-endian
 * without holes. The header is checked as a whole when the file is opened; values are read one
 * tensor at a time. Files may be larger than 2 GiB, single tensors may not have more than 2^31-1
 * elements. Not thread safe.
 */
public final class Safetensors implements TensorFile {
  /** The reference implementation's limit. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  /**
   * A tensor in the file.
   *
   * @param dtype element type
   * @param shape sizes, outermost first
   * @param begin first byte, counted from the end of the header
   * @param end byte after the last
   */
  public record Entry(Dtype dtype, List<Long> shape, long begin, long end) {
    /** Copies the shape. */
    public Entry {
      shape = List.copyOf(shape);
    }
  }

  private Safetensors(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    long size = channel.size();
    if (size < 8) {
      throw bad("it has " + size + " bytes, a header takes at least 8");
    }
    ByteBuffer length = buffer(8);
    fill(length, 0);
    long header = length.getLong(0);
    if (header < 2 || header > MAX_HEADER || header > size - 8) {
      throw bad(
          "the header's length is given as "
              + Long.toUnsignedString(header)
              + " bytes in a file of "
              + size
              + "; it is not a safetensors file, or it is truncated");
    }
    this.dataStart = 8 + header;
    ByteBuffer text = buffer((int) header);
    fill(text, 8);
    SafetensorsHeader read = new SafetensorsHeader(file, text.flip(), size - dataStart);
    this.entries = read.entries();
    this.metadata = read.metadata();
  }

  /**
   * Opens a file and checks its header.
   *
   * @param file safetensors
   * @return the open file
   * @throws RigException if it is missing, or its header is broken; says what is wrong
   */
  public static Safetensors open(Path file) {
    FileChannel channel = null;
    Safetensors opened = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      opened = new Safetensors(file, channel);
      return opened;
    } catch (IOException e) {
      throw TensorFiles.failure(file, e);
    } finally {
      if (opened == null && channel != null) {
        TensorFiles.closeQuietly(channel);
      }
    }
  }

  /**
   * Reads a whole file as float32.
   *
   * @param file safetensors
   * @return the tensors by name, in the header's order
   * @throws RigException if it is missing or broken
   */
  public static Map<String, HostTensor> read(Path file) {
    try (Safetensors tensors = open(file)) {
      Map<String, HostTensor> values = new LinkedHashMap<>();
      for (String name : tensors.entries().keySet()) {
        values.put(name, tensors.floats(name));
      }
      return values;
    }
  }

  /**
   * Writes float32 tensors through a temporary file.
   *
   * @param file where to
   * @param tensors by name, written in order
   * @param metadata free text by key; may be empty
   */
  public static void write(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    write(file, tensors, Map.of(), metadata);
  }

  /**
   * Writes float32 and int64 tensors through a temporary file; the int64 ones come first, so that
   * all are aligned.
   *
   * @param file where to
   * @param floats by name, written in order
   * @param longs by other names, written in order
   * @param metadata free text by key; may be empty
   */
  public static void write(
      Path file,
      Map<String, HostTensor> floats,
      Map<String, LongTensor> longs,
      Map<String, String> metadata) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    floats.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    write(file, shapes, name -> floats.get(name).values(), longs, metadata);
  }

  /**
   * Writes float32 tensors whose values are asked for one at a time, through a temporary file.
   *
   * @param file where to
   * @param shapes by name, written in order
   * @param values a tensor's values by its name
   * @param metadata free text by key; may be empty
   */
  public static void write(
      Path file,
      Map<String, List<Long>> shapes,
      Function<String, float[]> values,
      Map<String, String> metadata) {
    write(file, shapes, values, Map.of(), metadata);
  }

  private static void write(
      Path file,
      Map<String, List<Long>> shapes,
      Function<String, float[]> values,
      Map<String, LongTensor> longs,
      Map<String, String> metadata) {
    byte[] header = SafetensorsHeader.written(shapes, longs, metadata);
    AtomicFile.write(
        file,
        out -> {
          ByteBuffer buffer = buffer(BUFFER);
          buffer.putLong(header.length);
          flush(out, buffer);
          out.write(header);
          for (Map.Entry<String, LongTensor> e : longs.entrySet()) {
            checkCount(file, e.getKey(), e.getValue().shape(), e.getValue().values().length);
            for (long value : e.getValue().values()) {
              if (!buffer.hasRemaining()) {
                flush(out, buffer);
              }
              buffer.putLong(value);
            }
            flush(out, buffer);
          }
          for (Map.Entry<String, List<Long>> e : shapes.entrySet()) {
            float[] tensor = values.apply(e.getKey());
            checkCount(file, e.getKey(), e.getValue(), tensor.length);
            for (float value : tensor) {
              if (!buffer.hasRemaining()) {
                flush(out, buffer);
              }
              buffer.putFloat(value);
            }
            flush(out, buffer);
          }
        });
  }

  /**
   * @return the tensors by name, in the header's order
   */
  public Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public Map<String, Info> tensors() {
    Map<String, Info> tensors = new LinkedHashMap<>();
    entries.forEach((name, entry) -> tensors.put(name, new Info(entry.dtype(), entry.shape())));
    return tensors;
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public HostTensor floats(String name) {
    Entry entry = entry(name);
    float[] values = new float[count(name, entry)];
    stream(entry, (buffer, start, n) -> entry.dtype().floats(buffer, values, start, n));
    return new HostTensor(entry.shape(), values);
  }

  /**
   * @return the SHA-256 of all values as they lie in the file, in hexadecimal
   */
  public String sha256() {
    try {
      MessageDigest digest = Sha256.digest();
      ByteBuffer buffer = buffer(BUFFER);
      for (long at = dataStart, size = channel.size(); at < size; at += buffer.position()) {
        buffer.clear().limit((int) Math.min(BUFFER, size - at));
        fill(buffer, at);
        digest.update(buffer.array(), 0, buffer.position());
      }
      return Sha256.hex(digest.digest());
    } catch (IOException e) {
      throw TensorFiles.failure(file, e);
    }
  }

  /**
   * Reads a tensor of integers.
   *
   * @param name one of {@link #entries()}
   * @return the tensor
   * @throws RigException if there is none of that name, or it holds no integers
   */
  public LongTensor longs(String name) {
    Entry entry = entry(name);
    if (!entry.dtype().integer()) {
      throw bad("tensor " + name + " is " + entry.dtype() + ", integers are needed");
    }
    long[] values = new long[count(name, entry)];
    stream(
        entry,
        (buffer, start, n) -> {
          for (int i = 0; i < n; i++) {
            values[start + i] = entry.dtype().integer(buffer, i);
          }
        });
    return new LongTensor(entry.shape(), values);
  }

  @Override
  public void close() {
    TensorFiles.closeQuietly(channel);
  }

  // ------------------------------------------------------------------------------------ reading

  private interface Chunk {
    /** Takes n elements, the first of which is number start of the tensor. */
    void take(ByteBuffer buffer, int start, int n);
  }

  private void stream(Entry entry, Chunk chunk) {
    try {
      long bytes = entry.end() - entry.begin();
      ByteBuffer buffer = buffer((int) Math.min(BUFFER, bytes));
      int size = entry.dtype().bytes();
      for (long at = 0; at < bytes; at += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - at));
        fill(buffer, dataStart + entry.begin() + at);
        chunk.take(buffer.flip(), (int) (at / size), buffer.limit() / size);
      }
    } catch (IOException e) {
      throw TensorFiles.failure(file, e);
    }
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw bad(
          "there is no tensor " + name + "; there are " + String.join(", ", entries.keySet()));
    }
    return entry;
  }

  private int count(String name, Entry entry) {
    long count = (entry.end() - entry.begin()) / entry.dtype().bytes();
    if (count > Integer.MAX_VALUE - 8) {
      throw bad("tensor " + name + " has " + count + " elements, at most 2^31-9 can be read");
    }
    return (int) count;
  }

  private static void checkCount(Path file, String name, List<Long> shape, int count) {
    if (SafetensorsHeader.product(shape) != count) {
      throw new IllegalArgumentException(
          file + ": tensor " + name + " of shape " + shape + " has " + count + " values");
    }
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void fill(ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int n = channel.read(buffer, at);
      if (n < 0) {
        throw new EOFException("it ends too early");
      }
      at += n;
    }
  }

  private static void flush(OutputStream out, ByteBuffer buffer) throws IOException {
    out.write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  private RigException bad(String what) {
    return new RigException("cannot read " + file + ": " + what);
  }
}
