package org.riglab.datasets.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/** A data set as a list of splits, each of which is opened when it is used. */
final class NamedSplits implements Images {
  private final String dataset;
  private final ClassTable classes;
  private final List<String> names;
  private final Map<String, Supplier<Split>> splits;
  private final Map<String, String> absent;
  private final Map<String, Split> opened = new ConcurrentHashMap<>();

  /**
   * @param dataset its name, for error messages
   * @param classes by label
   * @param splits by name, in order; opened once, when used
   * @param absent what other splits that a person may ask for would need
   */
  NamedSplits(
      String dataset,
      ClassTable classes,
      Map<String, Supplier<Split>> splits,
      Map<String, String> absent) {
    this.dataset = dataset;
    this.classes = classes;
    this.names = List.copyOf(splits.keySet());
    this.splits = Map.copyOf(splits);
    this.absent = Map.copyOf(absent);
  }

  /** Splits that are there already. */
  static NamedSplits of(
      String dataset, ClassTable classes, List<String> names, List<Split> contents) {
    Map<String, Supplier<Split>> splits = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Split split = contents.get(i);
      splits.put(names.get(i), () -> split);
    }
    return new NamedSplits(dataset, classes, splits, Map.of());
  }

  @Override
  public ClassTable classes() {
    return classes;
  }

  @Override
  public List<String> splits() {
    return names;
  }

  @Override
  public Split split(String name) {
    Supplier<Split> split = splits.get(name);
    if (split == null) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          absent.containsKey(name)
              ? "%s: no split %s: %s".formatted(dataset, name, absent.get(name))
              : "%s: no split %s, expected one of %s"
                  .formatted(dataset, name, String.join(", ", names)));
    }
    return opened.computeIfAbsent(name, key -> split.get());
  }
}
