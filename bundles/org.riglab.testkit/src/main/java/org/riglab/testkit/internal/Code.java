package org.riglab.testkit.internal;

import ai.djl.nn.Block;
import ai.djl.util.Pair;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The classes of a part, as far as its provider and its blocks lead to them.
 *
 * @param classes of the part
 */
record Code(Set<Class<?>> classes) {
  /** A part's provider and blocks, with their nested classes. */
  static Code of(Object provider, Iterable<Block> blocks) {
    Set<Class<?>> classes = new LinkedHashSet<>();
    add(classes, provider.getClass());
    blocks.forEach(block -> add(classes, block));
    return new Code(classes);
  }

  private static void add(Set<Class<?>> classes, Block block) {
    add(classes, block.getClass());
    for (Pair<String, Block> child : block.getChildren()) {
      add(classes, child.getValue());
    }
  }

  private static void add(Set<Class<?>> classes, Class<?> type) {
    if (type.getName().matches("(ai[.]djl|org[.]riglab[.]nn)[.].*") || type.isHidden()) {
      return;
    }
    for (Class<?> member : type.getNestHost().getNestMembers()) {
      classes.add(member);
    }
  }

  /** The first class that calls a method whose name matches, and that method. */
  Optional<String> calling(String regex) throws IOException {
    for (Class<?> type : classes) {
      for (String call : Calls.of(type)) {
        if (call.matches(regex)) {
          return Optional.of(
              type.getSimpleName() + " calls " + call.replaceFirst("^.*[.](?=\\w+[.]\\w+$)", ""));
        }
      }
    }
    return Optional.empty();
  }
}
