package org.riglab.nn.script;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the subset of Python's pickle protocol 2 that an archive requires. */
final class PickleWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  PickleWriter() {
    bytes.write(0x80);
    bytes.write(2);
  }

  private PickleWriter op(char code) {
    bytes.write(code);
    return this;
  }

  private PickleWriter global(String module, String name) {
    op('c').bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** An object without arguments; its attributes follow as pairs of text and value. */
  PickleWriter object(String module, String type) {
    return global(module, type).tuple().op((char) 0x81).op('}').op('(');
  }

  /** Ends the attributes of the last object. */
  PickleWriter built() {
    return op('u').op('b');
  }

  /** The empty tuple. */
  PickleWriter tuple() {
    return op(')');
  }

  PickleWriter text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X').bytes.writeBytes(little(4, utf8.length));
    bytes.writeBytes(utf8);
    return this;
  }

  PickleWriter flag(boolean value) {
    return op(value ? (char) 0x88 : (char) 0x89);
  }

  private PickleWriter number(long value) {
    op((char) 0x8a).op((char) 8).bytes.writeBytes(little(8, value));
    return this;
  }

  private PickleWriter numbers(List<Long> values) {
    op('(');
    values.forEach(this::number);
    return op('t');
  }

  /** A contiguous float32 tensor whose values are in the file with the given number. */
  PickleWriter tensor(int file, Value value) {
    long count = value.shape().stream().reduce(1L, (a, b) -> a * b);
    global("torch._utils", "_rebuild_tensor_v2").op('(');
    op('(').text("storage").global("torch", "FloatStorage").text(String.valueOf(file));
    text("cpu").number(count).op('t').op('Q');
    number(0).numbers(value.shape());
    Long[] strides = new Long[value.shape().size()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= value.shape().get(i);
    }
    numbers(List.of(strides)).flag(value.trained());
    return global("collections", "OrderedDict").tuple().op('R').op('t').op('R');
  }

  /**
   * @return the finished pickle
   */
  byte[] end() {
    return op('.').bytes.toByteArray();
  }

  private static byte[] little(int size, long value) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return java.util.Arrays.copyOf(all, size);
  }
}
