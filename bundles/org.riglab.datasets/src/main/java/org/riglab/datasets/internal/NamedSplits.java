package org.riglab.datasets.internal;

import java.util.List;
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
 */
record NamedSplits(String dataset, ClassTable classes, List<String> splits, List<Split> contents)
    implements Images {
  NamedSplits {
    splits = List.copyOf(splits);
    contents = List.copyOf(contents);
  }

  @Override
  public Split split(String name) {
    int index = splits.indexOf(name);
    if (index < 0) {
      throw new RigException(
          "%s: no split %s, expected one of %s"
              .formatted(dataset, name, String.join(", ", splits)));
    }
    return contents.get(index);
  }
}
