package org.riglab.api.data;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.riglab.api.Options;
import org.riglab.api.Provider;

/** A data set for semantic segmentation. */
@ConsumerType
public interface Dataset extends Provider {
  /** The name of this kind in specs and listings. */
  String KIND = "dataset";

  /** The label of pixels that are ignored. */
  int VOID = 255;

  /**
   * Opens the data set. Checks the layout of the directory only; files are read on demand.
   *
   * @param directory directory of the files; empty for generated data sets
   * @param options see {@link #options()}
   * @return the images
   * @throws org.riglab.api.RigException if the directory does not contain such a data set; the
   *     message states what was expected where
   */
  Images open(Optional<Path> directory, Options options);
}
