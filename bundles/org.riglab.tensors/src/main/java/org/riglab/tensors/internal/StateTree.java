package org.riglab.tensors.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flattens what a pickle holds into named tensors; a slash stands between container and name. */
final class StateTree {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_VISITS = 1 << 18;
  private static final int MAX_TENSORS = 1 << 16;

  private final Map<String, PickleReader.Tensor> tensors = new LinkedHashMap<>();
  private int visits;

  /** The first object that is neither a tensor nor a container. */
  private PickleNames.Foreign foreign;

  private StateTree() {}

  /**
   * @param root what a pickle holds
   * @return its tensors by name, in order
   * @throws IOException if there are none, two have one name, or the tree has no end
   */
  static Map<String, PickleReader.Tensor> flatten(Object root) throws IOException {
    if (root instanceof PickleReader.Tensor) {
      throw new IOException("it holds one tensor without a name; save a state_dict instead");
    }
    StateTree tree = new StateTree();
    tree.visit("", root, 0);
    if (tree.tensors.isEmpty() && tree.foreign != null) {
      throw tree.foreign.refusal();
    }
    if (tree.tensors.isEmpty()) {
      throw new IOException("it holds no tensors; save a state_dict instead");
    }
    return tree.tensors;
  }

  private void visit(String path, Object value, int depth) throws IOException {
    if (depth > MAX_DEPTH || ++visits > MAX_VISITS) {
      throw new IOException(
          "its containers are nested more than %d deep, in a circle, or hold too much"
              .formatted(MAX_DEPTH));
    }
    if (value instanceof PickleReader.Tensor tensor) {
      if (tensors.put(TensorNames.checked(path), tensor) != null) {
        throw new IOException("tensor " + path + " is there twice");
      }
      if (tensors.size() > MAX_TENSORS) {
        throw new IOException("it holds more than " + MAX_TENSORS + " tensors");
      }
    } else if (value instanceof Dict dict) {
      for (int i = 0; i < dict.keys().size(); i++) {
        Object key = dict.keys().get(i);
        if (key instanceof String || key instanceof Long) {
          visit(below(path, key.toString()), dict.values().get(i), depth + 1);
        }
      }
    } else if (value instanceof PickleNames.Foreign object) {
      foreign = foreign == null ? object : foreign;
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        visit(below(path, Integer.toString(i)), list.get(i), depth + 1);
      }
    }
  }

  private static String below(String path, String name) throws IOException {
    return TensorNames.checked(path.isEmpty() ? name : path + "/" + name);
  }
}
