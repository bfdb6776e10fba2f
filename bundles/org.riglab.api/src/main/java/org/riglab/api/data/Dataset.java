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

  /** The label of pixels that do not count. */
  int VOID = 255;

  /**
   * Opens the data set. Looks at the layout only; single files are read when they are asked for.
   *
   * @param directory where the files are; empty for data sets that are made on the fly
   * @param options see {@link #options()}
   * @return the images
   * @throws org.riglab.api.RigException if there is no such data set in the directory; says what
   *     was expected where
   */
  Images open(Optional<Path> directory, Options options);
}
