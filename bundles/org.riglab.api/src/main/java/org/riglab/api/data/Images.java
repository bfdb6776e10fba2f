package org.riglab.api.data;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** An open data set. All methods may be called from several threads at once. */
@ConsumerType
public interface Images {
  /**
   * @return the classes, by label
   */
  ClassTable classes();

  /**
   * @return the names of the splits, for example train, val, test; the first is for training, the
   *     second for validation
   */
  List<String> splits();

  /**
   * @param name one of {@link #splits()}
   * @return the split
   * @throws org.riglab.api.RigException if there is no such split; names those there are
   */
  Split split(String name);
}
