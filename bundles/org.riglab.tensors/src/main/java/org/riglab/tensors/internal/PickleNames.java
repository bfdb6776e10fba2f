package org.riglab.tensors.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.riglab.base.Names;
import org.riglab.tensors.Dtype;
import org.riglab.tensors.internal.PickleReader.Storage;
import org.riglab.tensors.internal.PickleReader.Tensor;

/** The classes and functions that a pickle may name; none of them runs anything. */
final class PickleNames {
  private static final int MAX_AXES = 32;
  private static final String STORAGE = "Storage";

  /** What modules are called whose functions and classes hold tensors. */
  private static final List<String> REBUILDERS = List.of("torch._", "torch.nn.", "numpy");

  private PickleNames() {}

  /** What a pickle may name. */
  enum Callable {
    ORDERED_DICT,
    DEFAULT_DICT,
    SIZE,
    TENSOR,
    PARAMETER,
    /** Of numpy: a number, such as a best score beside a state dict. */
    SCALAR,
    DTYPE,
    /** How protocol 2 writes bytes. */
    ENCODE
  }

  static Object named(String module, String name) throws IOException {
    switch (module + "." + name) {
      case "collections.OrderedDict":
        return Callable.ORDERED_DICT;
      case "collections.defaultdict":
        return Callable.DEFAULT_DICT;
      case "torch.Size":
        return Callable.SIZE;
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
        return Callable.TENSOR;
      case "torch._utils._rebuild_parameter":
        return Callable.PARAMETER;
      case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar":
        return Callable.SCALAR;
      case "numpy.dtype":
        return Callable.DTYPE;
      case "_codecs.encode":
        return Callable.ENCODE;
      default:
        if (List.of("torch", "torch.cuda").contains(module) && name.endsWith(STORAGE)) {
          Dtype dtype = dtype(name.substring(0, name.length() - STORAGE.length()));
          if (dtype != null) {
            return dtype;
          }
        }
        Foreign foreign = new Foreign(module + "." + name);
        if (REBUILDERS.stream().anyMatch(module::startsWith)) {
          // Tensors of an unknown kind, or in a network's object, must not be left out in silence
          throw foreign.refusal();
        }
        return foreign;
    }
  }

  /**
   * What a name stands for that is neither a tensor nor a container, and an object of such a class:
   * it holds nothing and does nothing. Functions are not called.
   *
   * @param name in Python
   */
  record Foreign(String name) {
    /** What is said where it stands in the place of tensors. */
    IOException refusal() {
      return new IOException(
          "its pickle refers to %s; only tensors and containers are read (a state_dict), and"
                  .formatted(Names.shown(name))
              + " no code in it was executed");
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

  static Object call(Object callable, Object arguments, PickleInput in) throws IOException {
    if (callable instanceof Foreign foreign) {
      // A function, for all that is known: it could have made anything
      throw foreign.refusal();
    }
    if (!(callable instanceof Callable known) || !(arguments instanceof List<?> values)) {
      throw PickleInput.malformed();
    }
    return switch (known) {
      case ORDERED_DICT -> ordered(values, in);
      case DEFAULT_DICT -> new Dict();
      case SIZE -> {
        if (values.size() == 1 && values.get(0) instanceof List<?> sizes) {
          yield sizes;
        }
        throw PickleInput.malformed();
      }
      case TENSOR -> tensor(values);
      case PARAMETER -> {
        if (!values.isEmpty() && values.get(0) instanceof Tensor tensor) {
          yield tensor;
        }
        throw PickleInput.malformed();
      }
      case SCALAR -> PickleReader.NONE; // one number, and no tensor
      case DTYPE -> new Foreign("numpy.dtype");
      case ENCODE -> encoded(values);
    };
  }

  private static byte[] encoded(List<?> arguments) throws IOException {
    if (arguments.size() == 2
        && arguments.get(0) instanceof String text
        && "latin1".equals(arguments.get(1))) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
    throw PickleInput.malformed();
  }

  /** Python 2 wrote an ordered dict as a list of pairs. */
  private static Dict ordered(List<?> arguments, PickleInput in) throws IOException {
    Dict dict = new Dict();
    if (arguments.isEmpty()) {
      return dict;
    }
    if (arguments.size() == 1 && arguments.get(0) instanceof List<?> pairs) {
      in.make(pairs.size());
      for (Object pair : pairs) {
        if (!(pair instanceof List<?> two) || two.size() != 2) {
          throw PickleInput.malformed();
        }
        dict.keys().add(two.get(0));
        dict.values().add(two.get(1));
      }
      return dict;
    }
    throw PickleInput.malformed();
  }

  private static Tensor tensor(List<?> arguments) throws IOException {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)) {
      throw PickleInput.malformed();
    }
    Layout layout = new Layout(offset, longs(arguments.get(2)), longs(arguments.get(3)));
    layout.check(storage.length());
    return new Tensor(storage, layout);
  }

  private static List<Long> longs(Object value) throws IOException {
    if (!(value instanceof List<?> list) || list.size() > MAX_AXES) {
      throw PickleInput.malformed();
    }
    List<Long> longs = new ArrayList<>();
    for (Object item : list) {
      if (!(item instanceof Long number)) {
        throw PickleInput.malformed();
      }
      longs.add(number);
    }
    return longs;
  }

  /** A persistent id: ('storage', type, key, location, size), in old files with a view behind. */
  static Storage storage(Object id) throws IOException {
    if (id instanceof List<?> values
        && values.size() >= 5
        && "storage".equals(values.get(0))
        && values.get(1) instanceof Dtype dtype
        && values.get(2) instanceof String key
        && values.get(4) instanceof Long size
        && size >= 0) {
      if (values.size() == 5 || values.get(5) == PickleReader.NONE) {
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
    throw new IOException("its pickle refers to something that is not the storage of a tensor");
  }
}
