package org.riglab.api.data;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** An open data set. Thread safe. */
@ConsumerType
public interface Images {
  /**
   * @return the classes, by label
   */
  ClassTable classes();

  /**
   * @return the names of the splits, for example train, val, test; the first is for training, the
   *     second for validation. Whether the files of a split are there shows when it is opened
   */
  List<String> splits();

  /**
   * @param name one of {@link #splits()}
   * @return the split
   * @throws org.riglab.api.RigException if there is no such split; the message names the existing
   *     ones. {@code NOT_FOUND} if its directory or list is missing
   */
  Split split(String name);
}
