package org.riglab.tensors.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A dict of a pickle; keys are as they came, so that nothing of a file's is ever asked for its
 * hash.
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
