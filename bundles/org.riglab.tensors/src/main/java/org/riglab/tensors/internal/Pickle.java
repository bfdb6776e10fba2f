package org.riglab.tensors.internal;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.base.Names;
import org.riglab.tensors.Dtype;

/**
 * Reads one Python pickle (protocols 0 to 5, the opcodes of CPython's {@code pickletools}) into
 * containers, numbers, texts and tensors. A pickle is a program that may call anything; this reader
 * knows a handful of names, none of which runs anything, and refuses all others.
 *
 * <p>What comes out: {@code Long}, {@link BigInteger}, {@code Double}, {@code Boolean}, {@code
 * String}, {@code byte[]}, {@link List} for lists, tuples and sets, {@link Dict}, {@link Storage},
 * {@link Tensor}, and {@link #NONE}. Lists and dicts may contain themselves.
 */
final class Pickle {
  /** Python's None. */
  static final Object NONE = new Object();

  /** A pickle of tensors' names and shapes is some hundred kilobytes. */
  private static final int MAX_BYTES = 1 << 24;

  /** An opcode makes at most one object. */
  private static final int MAX_OBJECTS = 1 << 20;

  private static final int MAX_INTEGER_BYTES = 64;
  private static final int MAX_AXES = 32;
  private static final Object MARK = new Object();
  private static final String STORAGE = "Storage";

  private final InputStream in;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private long bytesLeft = MAX_BYTES;
  private int objectsLeft = MAX_OBJECTS;
  private Object result;

  /**
   * A dict; keys are as they came, so that nothing of a file's is ever asked for its hash.
   *
   * @param keys in order
   * @param values as many
   */
  record Dict(List<Object> keys, List<Object> values) {
    Dict() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    /** The value of a key that is a text; null if there is none. */
    Object get(String key) {
      int index = keys.indexOf(key);
      return index < 0 ? null : values.get(index);
    }

    // Records would compare and print their contents, which may contain themselves.
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "dict of " + keys.size();
    }
  }

  /**
   * A storage, known by name only.
   *
   * @param key names its bytes
   * @param dtype element type
   * @param size in elements, of the whole
   * @param start its first element in the whole: some storages of old files are views
   * @param length in elements
   */
  record Storage(String key, Dtype dtype, long size, long start, long length) {}

  /**
   * A tensor.
   *
   * @param storage holds its values
   * @param layout where in the storage
   */
  record Tensor(Storage storage, Layout layout) {}

  /** What a pickle may name. */
  private enum Callable {
    ORDERED_DICT,
    SIZE,
    TENSOR,
    PARAMETER
  }

  /**
   * @param in read up to the pickle's end and no further
   */
  private Pickle(InputStream in) {
    this.in = in;
  }

  /**
   * Reads one pickle.
   *
   * @param in read up to the pickle's end and no further
   * @return what it holds
   * @throws IOException if it is broken or too large, or names anything but tensors and containers
   */
  static Object read(InputStream in) throws IOException {
    Pickle pickle = new Pickle(in);
    while (pickle.result == null) {
      pickle.make(1);
      pickle.step();
    }
    return pickle.result;
  }

  private void step() throws IOException {
    int opcode = oneByte();
    switch (opcode) {
      // frames and the end
      case 0x80 -> protocol();
      case 0x95 -> bytes(8);
      case '.' -> result = pop();
      // numbers and constants
      case 'N' -> push(NONE);
      case 0x88 -> push(Boolean.TRUE);
      case 0x89 -> push(Boolean.FALSE);
      case 'K' -> push((long) oneByte());
      case 'M' -> push(unsigned(2));
      case 'J' -> push((long) ByteBuffer.wrap(bytes(4)).order(ByteOrder.LITTLE_ENDIAN).getInt());
      case 'G' -> push(ByteBuffer.wrap(bytes(8)).getDouble());
      case 0x8a -> push(integer(oneByte()));
      case 0x8b -> push(integer(unsigned(4)));
      case 'I' -> push(decimal(line()));
      case 'L' -> push(decimal(line().replaceFirst("L$", "")));
      case 'F' -> push(real(line()));
      // texts
      case 'X' -> push(text(unsigned(4)));
      case 0x8c -> push(text(oneByte()));
      case 0x8d -> push(text(unsigned(8)));
      case 'U' -> push(text(oneByte()));
      case 'T' -> push(text(unsigned(4)));
      case 'S', 'V' -> push(quoted(line()));
      case 'B' -> push(bytes(unsigned(4)));
      case 'C' -> push(bytes(oneByte()));
      case 0x8e, 0x96 -> push(bytes(unsigned(8)));
      // containers
      case '(' -> push(MARK);
      case ')' -> push(List.of());
      case 0x85 -> push(popped(1));
      case 0x86 -> push(popped(2));
      case 0x87 -> push(popped(3));
      case 't', 'l', 0x91 -> push(marked());
      case ']', 0x8f -> push(new ArrayList<>());
      case '}' -> push(new Dict());
      case 'd' -> {
        Dict dict = new Dict();
        put(dict, marked());
        push(dict);
      }
      case 'a' -> {
        Object item = pop();
        list(peek()).add(item);
      }
      case 'e', 0x90 -> {
        List<Object> items = marked();
        list(peek()).addAll(items);
      }
      case 's' -> {
        List<Object> item = popped(2);
        put(dict(peek()), item);
      }
      case 'u' -> {
        List<Object> items = marked();
        put(dict(peek()), items);
      }
      // the stack and the memo
      case '0' -> stack.remove(last());
      case '1' -> marked();
      case '2' -> push(peek());
      case 'q' -> memo.put((long) oneByte(), peek());
      case 'r' -> memo.put(unsigned(4), peek());
      case 'p' -> memo.put(memoIndex(), peek());
      case 0x94 -> memo.put((long) memo.size(), peek());
      case 'h' -> push(memo((long) oneByte()));
      case 'j' -> push(memo(unsigned(4)));
      case 'g' -> push(memo(memoIndex()));
      // names and what is made with them
      case 'c' -> push(named(line(), line()));
      case 0x93 -> {
        List<Object> names = popped(2);
        push(named(string(names.get(0)), string(names.get(1))));
      }
      case 'R' -> {
        Object arguments = pop();
        push(call(pop(), arguments));
      }
      case 0x81 -> {
        Object arguments = pop();
        Object type = pop();
        if (type != Callable.ORDERED_DICT) {
          throw malformed();
        }
        push(call(type, arguments));
      }
      case 'b' -> {
        pop(); // PyTorch hangs _metadata on a state dict; there is nothing to read in it
        dict(peek());
      }
      case 'i' -> {
        named(line(), line());
        throw malformed();
      }
      case 'Q' -> push(storage(pop()));
      case 0x82, 0x83, 0x84 ->
          throw new IOException(
              "its pickle asks for a class by a number of the extension registry");
      default -> throw malformed();
    }
  }

  private void make(int objects) throws IOException {
    objectsLeft -= objects;
    if (objectsLeft < 0) {
      throw new IOException("its pickle makes more than " + MAX_OBJECTS + " objects");
    }
  }

  private void protocol() throws IOException {
    int version = oneByte();
    if (version > 5) {
      throw new IOException("its pickle is of protocol " + version + "; known are 0 to 5");
    }
  }

  private static IOException malformed() {
    return new IOException("its pickle is malformed");
  }

  // --------------------------------------------------------------------------------------- stack

  private void push(Object value) {
    stack.add(value);
  }

  private int last() throws IOException {
    if (stack.isEmpty()) {
      throw malformed();
    }
    return stack.size() - 1;
  }

  private Object peek() throws IOException {
    Object top = stack.get(last());
    if (top == MARK) {
      throw malformed();
    }
    return top;
  }

  private Object pop() throws IOException {
    Object top = peek();
    stack.remove(last());
    return top;
  }

  private List<Object> popped(int n) throws IOException {
    List<Object> values = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      values.add(pop());
    }
    Collections.reverse(values);
    return values;
  }

  /** Takes everything above the topmost mark, and the mark. */
  private List<Object> marked() throws IOException {
    int mark = stack.lastIndexOf(MARK);
    if (mark < 0) {
      throw malformed();
    }
    List<Object> above = stack.subList(mark + 1, stack.size());
    List<Object> values = new ArrayList<>(above);
    above.clear();
    stack.remove(mark);
    return values;
  }

  private Object memo(Long index) throws IOException {
    Object value = memo.get(index);
    if (value == null) {
      throw malformed();
    }
    return value;
  }

  private Long memoIndex() throws IOException {
    if (decimal(line()) instanceof Long index && index >= 0) {
      return index;
    }
    throw malformed();
  }

  @SuppressWarnings("unchecked") // every list here is one of objects
  private static List<Object> list(Object value) throws IOException {
    if (value instanceof ArrayList<?> list) {
      return (List<Object>) list;
    }
    throw malformed();
  }

  private static Dict dict(Object value) throws IOException {
    if (value instanceof Dict dict) {
      return dict;
    }
    throw malformed();
  }

  private static String string(Object value) throws IOException {
    if (value instanceof String text) {
      return text;
    }
    throw malformed();
  }

  private static void put(Dict dict, List<Object> items) throws IOException {
    if (items.size() % 2 != 0) {
      throw malformed();
    }
    for (int i = 0; i < items.size(); i += 2) {
      dict.keys.add(items.get(i));
      dict.values.add(items.get(i + 1));
    }
  }

  // --------------------------------------------------------------------------------------- names

  private static Object named(String module, String name) throws IOException {
    switch (module + "." + name) {
      case "collections.OrderedDict":
        return Callable.ORDERED_DICT;
      case "torch.Size":
        return Callable.SIZE;
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
        return Callable.TENSOR;
      case "torch._utils._rebuild_parameter":
        return Callable.PARAMETER;
      default:
        if (List.of("torch", "torch.cuda").contains(module) && name.endsWith(STORAGE)) {
          Dtype dtype = dtype(name.substring(0, name.length() - STORAGE.length()));
          if (dtype != null) {
            return dtype;
          }
        }
        throw new IOException(
            "its pickle asks for %s; only tensors and containers are read (a state_dict), and"
                    .formatted(Names.shown(module + "." + name))
                + " nothing in it was run");
    }
  }

  private static Dtype dtype(String storage) {
    return switch (storage) {
      case "Float" -> Dtype.F32;
      case "Double" -> Dtype.F64;
      case "Half" -> Dtype.F16;
      case "BFloat16" -> Dtype.BF16;
      case "Long" -> Dtype.I64;
      case "Int" -> Dtype.I32;
      case "Short" -> Dtype.I16;
      case "Char" -> Dtype.I8;
      case "Byte" -> Dtype.U8;
      case "Bool" -> Dtype.BOOL;
      default -> null;
    };
  }

  private Object call(Object callable, Object arguments) throws IOException {
    if (!(callable instanceof Callable known) || !(arguments instanceof List<?> values)) {
      throw malformed();
    }
    return switch (known) {
      case ORDERED_DICT -> ordered(values);
      case SIZE -> {
        if (values.size() == 1 && values.get(0) instanceof List<?> sizes) {
          yield sizes;
        }
        throw malformed();
      }
      case TENSOR -> tensor(values);
      case PARAMETER -> {
        if (!values.isEmpty() && values.get(0) instanceof Tensor tensor) {
          yield tensor;
        }
        throw malformed();
      }
    };
  }

  /** Python 2 wrote an ordered dict as a list of pairs. */
  private Dict ordered(List<?> arguments) throws IOException {
    Dict dict = new Dict();
    if (arguments.isEmpty()) {
      return dict;
    }
    if (arguments.size() == 1 && arguments.get(0) instanceof List<?> pairs) {
      make(pairs.size());
      for (Object pair : pairs) {
        if (!(pair instanceof List<?> two) || two.size() != 2) {
          throw malformed();
        }
        dict.keys.add(two.get(0));
        dict.values.add(two.get(1));
      }
      return dict;
    }
    throw malformed();
  }

  private static Tensor tensor(List<?> arguments) throws IOException {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)) {
      throw malformed();
    }
    Layout layout = new Layout(offset, longs(arguments.get(2)), longs(arguments.get(3)));
    layout.check(storage.length);
    return new Tensor(storage, layout);
  }

  private static List<Long> longs(Object value) throws IOException {
    if (!(value instanceof List<?> list) || list.size() > MAX_AXES) {
      throw malformed();
    }
    List<Long> longs = new ArrayList<>();
    for (Object item : list) {
      if (!(item instanceof Long number)) {
        throw malformed();
      }
      longs.add(number);
    }
    return longs;
  }

  /** A persistent id: ('storage', type, key, location, size), in old files with a view behind. */
  private static Storage storage(Object id) throws IOException {
    if (id instanceof List<?> values
        && values.size() >= 5
        && "storage".equals(values.get(0))
        && values.get(1) instanceof Dtype dtype
        && values.get(2) instanceof String key
        && values.get(4) instanceof Long size
        && size >= 0) {
      if (values.size() == 5 || values.get(5) == NONE) {
        return new Storage(key, dtype, size, 0, size);
      }
      if (values.get(5) instanceof List<?> view
          && view.size() == 3
          && view.get(1) instanceof Long start
          && view.get(2) instanceof Long length
          && start >= 0
          && length >= 0
          && start <= size
          && length <= size - start) {
        return new Storage(key, dtype, size, start, length);
      }
    }
    throw new IOException("its pickle names something that is no storage of a tensor");
  }

  // --------------------------------------------------------------------------------------- bytes

  private int oneByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new EOFException("its pickle is cut off");
    }
    spend(1);
    return value;
  }

  private void spend(long bytes) throws IOException {
    bytesLeft -= bytes;
    if (bytesLeft < 0) {
      throw new IOException("its pickle is larger than " + (MAX_BYTES >> 20) + " MiB");
    }
  }

  private byte[] bytes(long n) throws IOException {
    if (n < 0 || n > MAX_BYTES) {
      throw new IOException("its pickle is larger than " + (MAX_BYTES >> 20) + " MiB");
    }
    spend(n);
    byte[] bytes = in.readNBytes((int) n);
    if (bytes.length < n) {
      throw new EOFException("its pickle is cut off");
    }
    return bytes;
  }

  private long unsigned(int n) throws IOException {
    byte[] bytes = bytes(n);
    long value = 0;
    for (int i = n - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  private Object integer(long n) throws IOException {
    if (n > MAX_INTEGER_BYTES) {
      throw new IOException("its pickle holds an integer of " + n + " bytes");
    }
    byte[] bytes = bytes(n);
    if (n == 0) {
      return 0L;
    }
    byte[] big = new byte[bytes.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = bytes[bytes.length - 1 - i];
    }
    return narrowed(new BigInteger(big));
  }

  private static Object narrowed(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return value;
  }

  private String text(long n) throws IOException {
    return new String(bytes(n), StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = oneByte(); c != '\n'; c = oneByte()) {
      line.write(c);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static Object decimal(String digits) throws IOException {
    if (digits.equals("00") || digits.equals("01")) {
      return digits.equals("01"); // protocol 0 writes booleans like this
    }
    if (!digits.matches("-?\\d{1," + MAX_INTEGER_BYTES + "}")) {
      throw malformed();
    }
    return narrowed(new BigInteger(digits));
  }

  private static Double real(String digits) throws IOException {
    try {
      return Double.valueOf(digits);
    } catch (NumberFormatException e) {
      throw new IOException("its pickle is malformed", e);
    }
  }

  private static String quoted(String text) {
    boolean quotes =
        text.length() >= 2
            && (text.charAt(0) == '\'' || text.charAt(0) == '"')
            && text.charAt(0) == text.charAt(text.length() - 1);
    return quotes ? text.substring(1, text.length() - 1) : text;
  }
}
