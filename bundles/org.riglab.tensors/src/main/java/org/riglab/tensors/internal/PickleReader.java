package org.riglab.tensors.internal;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.riglab.tensors.Dtype;

/**
 * Reads one Python pickle (protocols 0 to 5, the opcodes of CPython's {@code pickletools}) into
 * containers, numbers, texts and tensors. A pickle is a program that may call anything; this reader
 * knows a handful of names, none of which runs anything; for all others it puts a {@link
 * PickleNames.Foreign placeholder} that holds nothing.
 *
 * <p>What comes out: {@code Long}, {@link BigInteger}, {@code Double}, {@code Boolean}, {@code
 * String}, {@code byte[]}, {@link List} for lists, tuples and sets, {@link Dict}, {@link Storage},
 * {@link Tensor}, and {@link #NONE}. Lists and dicts may contain themselves.
 */
final class PickleReader {
  /** Python's None. */
  static final Object NONE = new Object();

  private static final Object MARK = new Object();

  private final PickleInput in;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private Object result;

  /** Unknown names that no object was made of yet, in order. */
  private final List<PickleNames.Foreign> named = new ArrayList<>();

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

  /**
   * @param in read up to the pickle's end and no further
   */
  private PickleReader(InputStream in) {
    this.in = new PickleInput(in);
  }

  /**
   * Reads one pickle.
   *
   * @param in read up to the pickle's end and no further
   * @return what it holds
   * @throws IOException if it is broken or too large, or names anything but tensors and containers
   */
  static Object read(InputStream in) throws IOException {
    PickleReader pickle = new PickleReader(in);
    while (pickle.result == null) {
      pickle.in.make(1);
      pickle.step();
    }
    return pickle.result;
  }

  private void step() throws IOException {
    int opcode = in.oneByte();
    if (constant(opcode) || text(opcode) || container(opcode) || memory(opcode) || made(opcode)) {
      return;
    }
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> in.bytes(8);
      case '.' -> result = pop();
      case 0x82, 0x83, 0x84 ->
          throw new IOException(
              "its pickle refers to a class by a number of the extension registry");
      default -> throw PickleInput.malformed();
    }
  }

  /** Numbers and constants. */
  private boolean constant(int opcode) throws IOException {
    switch (opcode) {
      case 'N' -> push(NONE);
      case 0x88 -> push(Boolean.TRUE);
      case 0x89 -> push(Boolean.FALSE);
      case 'K' -> push((long) in.oneByte());
      case 'M' -> push(in.unsigned(2));
      case 'J' -> push((long) ByteBuffer.wrap(in.bytes(4)).order(ByteOrder.LITTLE_ENDIAN).getInt());
      case 'G' -> push(ByteBuffer.wrap(in.bytes(8)).getDouble());
      case 0x8a -> push(in.integer(in.oneByte()));
      case 0x8b -> push(in.integer(in.unsigned(4)));
      case 'I' -> push(PickleInput.decimal(in.line()));
      case 'L' -> push(PickleInput.decimal(in.line().replaceFirst("L$", "")));
      case 'F' -> push(PickleInput.real(in.line()));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Texts and bytes. */
  private boolean text(int opcode) throws IOException {
    switch (opcode) {
      case 'X' -> push(in.text(in.unsigned(4)));
      case 0x8c -> push(in.text(in.oneByte()));
      case 0x8d -> push(in.text(in.unsigned(8)));
      case 'U' -> push(in.text(in.oneByte()));
      case 'T' -> push(in.text(in.unsigned(4)));
      case 'S', 'V' -> push(PickleInput.quoted(in.line()));
      case 'B' -> push(in.bytes(in.unsigned(4)));
      case 'C' -> push(in.bytes(in.oneByte()));
      case 0x8e, 0x96 -> push(in.bytes(in.unsigned(8)));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Tuples, lists, sets and dicts. */
  private boolean container(int opcode) throws IOException {
    switch (opcode) {
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
        if (!foreign(peek())) {
          list(peek()).add(item);
        }
      }
      case 'e', 0x90 -> {
        List<Object> items = marked();
        if (!foreign(peek())) {
          list(peek()).addAll(items);
        }
      }
      case 's' -> {
        List<Object> item = popped(2);
        if (!foreign(peek())) {
          put(dict(peek()), item);
        }
      }
      case 'u' -> {
        List<Object> items = marked();
        if (!foreign(peek())) {
          put(dict(peek()), items);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The stack and the memo. */
  private boolean memory(int opcode) throws IOException {
    switch (opcode) {
      case '0' -> stack.remove(last());
      case '1' -> marked();
      case '2' -> push(peek());
      case 'q' -> memo.put((long) in.oneByte(), peek());
      case 'r' -> memo.put(in.unsigned(4), peek());
      case 'p' -> memo.put(memoIndex(), peek());
      case 0x94 -> memo.put((long) memo.size(), peek());
      case 'h' -> push(memo((long) in.oneByte()));
      case 'j' -> push(memo(in.unsigned(4)));
      case 'g' -> push(memo(memoIndex()));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Names, and what is made with them. */
  private boolean made(int opcode) throws IOException {
    switch (opcode) {
      case 'c' -> push(noted(PickleNames.named(in.line(), in.line())));
      case 0x93 -> {
        List<Object> names = popped(2);
        push(noted(PickleNames.named(string(names.get(0)), string(names.get(1)))));
      }
      case 'R' -> {
        Object arguments = pop();
        Object callable = pop();
        if (foreign(callable) && !named.isEmpty()) {
          throw named.get(0).refusal();
        }
        push(PickleNames.call(callable, arguments, in));
      }
      case 0x81 -> {
        Object arguments = pop();
        Object type = pop();
        if (!foreign(type) && type != PickleNames.Callable.ORDERED_DICT) {
          throw PickleInput.malformed();
        }
        named.remove(type);
        push(foreign(type) ? type : PickleNames.call(type, arguments, in));
      }
      case 0x92 -> {
        List<Object> call = popped(3);
        if (!foreign(call.get(0))) {
          throw PickleInput.malformed();
        }
        named.remove(call.get(0));
        push(call.get(0));
      }
      case 'b' -> {
        pop(); // PyTorch hangs _metadata on a state dict; there is nothing to read in it
        if (!foreign(peek())) {
          dict(peek());
        }
      }
      case 'i' -> throw refusal(PickleNames.named(in.line(), in.line()));
      case 'o' -> {
        List<Object> call = marked();
        throw refusal(call.isEmpty() ? NONE : call.get(0));
      }
      case 'Q' -> push(PickleNames.storage(pop()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void protocol() throws IOException {
    int version = in.oneByte();
    if (version > 5) {
      throw new IOException("its pickle is of protocol " + version + "; known are 0 to 5");
    }
  }

  private void push(Object value) {
    stack.add(value);
  }

  private int last() throws IOException {
    if (stack.isEmpty()) {
      throw PickleInput.malformed();
    }
    return stack.size() - 1;
  }

  private Object peek() throws IOException {
    Object top = stack.get(last());
    if (top == MARK) {
      throw PickleInput.malformed();
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
      throw PickleInput.malformed();
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
      throw PickleInput.malformed();
    }
    return value;
  }

  private Long memoIndex() throws IOException {
    if (PickleInput.decimal(in.line()) instanceof Long index && index >= 0) {
      return index;
    }
    throw PickleInput.malformed();
  }

  @SuppressWarnings("unchecked") // every list here is one of objects
  private static List<Object> list(Object value) throws IOException {
    if (value instanceof ArrayList<?> list) {
      return (List<Object>) list;
    }
    throw PickleInput.malformed();
  }

  private static Dict dict(Object value) throws IOException {
    if (value instanceof Dict dict) {
      return dict;
    }
    throw PickleInput.malformed();
  }

  private Object noted(Object value) {
    if (value instanceof PickleNames.Foreign name) {
      named.add(name);
    }
    return value;
  }

  /** Whatever is put into such an object is dropped. */
  private static boolean foreign(Object value) {
    return value instanceof PickleNames.Foreign;
  }

  /** Old ways to call something, which nothing that is read here needs. */
  private static IOException refusal(Object callable) {
    return callable instanceof PickleNames.Foreign foreign
        ? foreign.refusal()
        : PickleInput.malformed();
  }

  private static String string(Object value) throws IOException {
    if (value instanceof String text) {
      return text;
    }
    throw PickleInput.malformed();
  }

  private static void put(Dict dict, List<Object> items) throws IOException {
    if (items.size() % 2 != 0) {
      throw PickleInput.malformed();
    }
    for (int i = 0; i < items.size(); i += 2) {
      dict.keys().add(items.get(i));
      dict.values().add(items.get(i + 1));
    }
  }
}
