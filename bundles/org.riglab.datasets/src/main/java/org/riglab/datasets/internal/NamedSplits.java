package org.riglab.datasets.internal;

import java.util.List;
import java.util.Map;
import org.riglab.api.RigException;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Images;
import org.riglab.api.data.Split;

/**
 * A data set as a list of splits.
 *
 * @param dataset its name, for error messages
 * @param classes by label
 * @param splits names
 * @param contents one per name
 * @param absent what other splits that a person may ask for would need
 */
record NamedSplits(
    String dataset,
    ClassTable classes,
    List<String> splits,
    List<Split> contents,
    Map<String, String> absent)
    implements Images {
  NamedSplits {
    splits = List.copyOf(splits);
    contents = List.copyOf(contents);
    absent = Map.copyOf(absent);
  }

  NamedSplits(String dataset, ClassTable classes, List<String> splits, List<Split> contents) {
    this(dataset, classes, splits, contents, Map.of());
  }

  /**
   * @param dataset its name
   * @param classes by label
   * @param splits labelled images by the name of the split, in order
   * @param absent what other splits would need
   * @return the open data set
   */
  static NamedSplits of(
      String dataset,
      ClassTable classes,
      Map<String, List<FilePair>> splits,
      Map<String, String> absent) {
    return new NamedSplits(
        dataset,
        classes,
        List.copyOf(splits.keySet()),
        splits.values().stream().map(pairs -> (Split) new FileSplit(pairs)).toList(),
        absent);
  }

  @Override
  public Split split(String name) {
    int index = splits.indexOf(name);
    if (index < 0) {
      throw new RigException(
          absent.containsKey(name)
              ? "%s: no split %s: %s".formatted(dataset, name, absent.get(name))
              : "%s: no split %s, expected one of %s"
                  .formatted(dataset, name, String.join(", ", splits)));
    }
    return contents.get(index);
  }
}
