package org.riglab.networks.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.api.bench.WeightTransfer;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/** Moves values from one state dict to another, by name. */
final class WeightMatching {
  private static final Pattern LATER = Pattern.compile("(.*\\.running_(?:mean|var))\\.t(\\d+)");

  private WeightMatching() {}

  /**
   * What fits, and what became of the rest.
   *
   * @param sources names in the source by names in the target
   */
  record Matched(Map<String, String> sources, WeightTransfer transfer) {
    /** The values that fit, by names in the target. */
    Map<String, HostTensor> values(Function<String, HostTensor> source) {
      Map<String, HostTensor> values = new LinkedHashMap<>();
      sources.forEach((name, from) -> values.put(name, source.apply(from)));
      return values;
    }
  }

  /**
   * Matches by name and shape. Running statistics of an iteration the source does not have are
   * those of its last one: iterations beyond the trained ones use the last set.
   *
   * @param shapes of the target
   * @param source shapes by name
   */
  static Matched match(Map<String, List<Long>> shapes, Map<String, List<Long>> source) {
    Map<String, String> sources = new LinkedHashMap<>();
    List<String> initialised = new ArrayList<>();
    TreeSet<String> leftOver = new TreeSet<>(source.keySet());
    leftOver.removeIf(name -> name.endsWith("num_batches_tracked"));
    List<String> reasons = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          String from = source(name, source.keySet());
          List<Long> found = source.get(from);
          leftOver.remove(from);
          if (found == null) {
            initialised.add(name);
          } else if (!found.equals(shape)) {
            initialised.add(name);
            reasons.add("%s (shape %s, the network has %s)".formatted(name, found, shape));
          } else {
            sources.put(name, from);
          }
        });
    leftOver.forEach(name -> reasons.add(name + " (the network has no such tensor)"));
    return new Matched(
        sources,
        new WeightTransfer(
            List.copyOf(sources.keySet()), List.copyOf(initialised), reasons, List.of()));
  }

  /** The name under which a source has what a network calls by a name, if it has it at all. */
  static String source(String name, Set<String> source) {
    Matcher later = LATER.matcher(name);
    if (source.contains(name) || !later.matches()) {
      return name;
    }
    for (int t = Integer.parseInt(later.group(2)) - 1; t > 1; t--) {
      if (source.contains(later.group(1) + ".t" + t)) {
        return later.group(1) + ".t" + t;
      }
    }
    return later.group(1);
  }

  /** The name of the first iteration's statistics; another name as it is. */
  static String first(String name) {
    Matcher later = LATER.matcher(name);
    return later.matches() ? later.group(1) : name;
  }

  /** The shapes of tensors. */
  static Map<String, List<Long>> shapes(Map<String, HostTensor> tensors) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    return shapes;
  }

  /** The shapes of a file's tensors. */
  static Map<String, List<Long>> shapes(TensorFile file) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    file.tensors().forEach((name, info) -> shapes.put(name, info.shape()));
    return shapes;
  }

  /**
   * Reads a file that must have everything; what the target has no place for is not read.
   *
   * @param shapes of the target
   */
  static Map<String, HostTensor> all(Map<String, List<Long>> shapes, Path file) {
    return all(shapes, file, "");
  }

  /**
   * As above, from the file that a network left.
   *
   * @param network its name
   */
  static Map<String, HostTensor> own(Map<String, List<Long>> shapes, Path file, String network) {
    return all(shapes, file, right(network));
  }

  /** As above, from values on the heap. */
  static Map<String, HostTensor> own(
      Map<String, List<Long>> shapes, Map<String, HostTensor> source, Path file, String network) {
    return all(match(shapes, shapes(source)), shapes, file, right(network)).values(source::get);
  }

  /** A network left all it had: since then a plugin of its was updated. */
  private static String right(String network) {
    return "; a part was updated to a version with other parameters: 'swap %s' to the same part keeps the weights that match"
        .formatted(network);
  }

  private static Map<String, HostTensor> all(
      Map<String, List<Long>> shapes, Path file, String right) {
    try (TensorFile source = TensorFiles.open(file)) {
      return all(match(shapes, shapes(source)), shapes, file, right).values(source::floats);
    }
  }

  private static Matched all(
      Matched matched, Map<String, List<Long>> shapes, Path where, String right) {
    WeightTransfer transfer = matched.transfer();
    if (!transfer.initialised().isEmpty()) {
      throw new RigException(
          "%s does not fit the network: %d of %d tensors are missing or of another shape, first %s"
                  .formatted(
                      where,
                      transfer.initialised().size(),
                      shapes.size(),
                      transfer.initialised().get(0))
              + right);
    }
    return matched;
  }
}
