package org.riglab.core.internal.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.bench.Bench.Transfer;

/** Moves values from one state dict to another, by name. */
final class Weights {
  private static final Pattern LATER = Pattern.compile("(.*\\.running_(?:mean|var))\\.t(\\d+)");

  private Weights() {}

  /** Values that fit, and what became of the rest. */
  record Matched(Map<String, HostTensor> values, Transfer transfer) {}

  /**
   * Matches by name and shape. Running statistics of an iteration the source does not have are
   * those of its last one: iterations beyond the trained ones use the last set.
   *
   * @param shapes of the target
   * @param source values by name
   */
  static Matched match(Map<String, List<Long>> shapes, Map<String, HostTensor> source) {
    Map<String, HostTensor> values = new LinkedHashMap<>();
    List<String> initialised = new ArrayList<>();
    TreeSet<String> leftOver = new TreeSet<>(source.keySet());
    leftOver.removeIf(name -> name.endsWith("num_batches_tracked"));
    List<String> reasons = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          String from = source(name, source);
          HostTensor tensor = source.get(from);
          leftOver.remove(from);
          if (tensor == null) {
            initialised.add(name);
          } else if (!tensor.shape().equals(shape)) {
            initialised.add(name);
            reasons.add("%s (shape %s, the network has %s)".formatted(name, tensor.shape(), shape));
          } else {
            values.put(name, tensor);
          }
        });
    leftOver.forEach(name -> reasons.add(name + " (the network has no such tensor)"));
    return new Matched(
        values, new Transfer(List.copyOf(values.keySet()), List.copyOf(initialised), reasons));
  }

  private static String source(String name, Map<String, HostTensor> source) {
    Matcher later = LATER.matcher(name);
    if (source.containsKey(name) || !later.matches()) {
      return name;
    }
    for (int t = Integer.parseInt(later.group(2)) - 1; t > 1; t--) {
      if (source.containsKey(later.group(1) + ".t" + t)) {
        return later.group(1) + ".t" + t;
      }
    }
    return later.group(1);
  }

  /**
   * Like {@link #match}, but everything must be there.
   *
   * @param where the values come from, for error messages
   */
  static Map<String, HostTensor> all(
      Map<String, List<Long>> shapes, Map<String, HostTensor> source, Path where) {
    Matched matched = match(shapes, source);
    Transfer transfer = matched.transfer();
    if (!transfer.initialised().isEmpty()) {
      throw new RigException(
          "%s does not fit the network: %d of %d tensors are missing or of another shape, first %s"
              .formatted(
                  where,
                  transfer.initialised().size(),
                  shapes.size(),
                  transfer.initialised().get(0)));
    }
    return matched.values();
  }
}
