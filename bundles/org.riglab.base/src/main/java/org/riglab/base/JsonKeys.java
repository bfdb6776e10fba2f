package org.riglab.base;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.riglab.api.RigException;

/** Keys of the JSON objects that users write. */
public final class JsonKeys {
  private JsonKeys() {}

  /**
   * Refuses an object with keys that nothing reads: without it a misspelt key would be ignored.
   *
   * @param where the object is, for the message
   * @param keys of the object
   * @param allowed all keys that it may have
   * @throws RigException INVALID if it has others; names each of them, the allowed keys, and those
   *     that are similar to an unknown one
   */
  public static void check(String where, Collection<String> keys, Collection<String> allowed) {
    List<String> unknown = keys.stream().filter(key -> !allowed.contains(key)).sorted().toList();
    if (unknown.isEmpty()) {
      return;
    }
    List<String> sorted = List.copyOf(new TreeSet<>(allowed));
    List<String> similar =
        unknown.stream().flatMap(key -> Names.similar(key, sorted).stream()).distinct().toList();
    throw new RigException(
        "%s: %s %s unknown; allowed are %s%s"
            .formatted(
                where,
                unknown.stream()
                    .map(key -> "'" + Names.shown(key) + "'")
                    .collect(Collectors.joining(", ")),
                unknown.size() == 1 ? "is" : "are",
                String.join(", ", sorted),
                similar.isEmpty()
                    ? ""
                    : "; the most similar %s %s"
                        .formatted(
                            similar.size() == 1 ? "is" : "are", String.join(", ", similar))));
  }
}
