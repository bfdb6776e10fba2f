package org.riglab.datasets.internal;

import java.nio.file.Path;
import org.riglab.images.Pixels;

/** How the label map of an image is stored. Implementations are values and thread safe. */
interface LabelFormat {
  /**
   * @param file of one label map
   * @return H*W values: classes, {@link org.riglab.api.data.Dataset#VOID}, or what is neither, for
   *     a check to find
   * @throws org.riglab.api.RigException if the file cannot be read as such; names it
   */
  Pixels read(Path file);

  /**
   * @return text that differs from another format's whenever one file has different labels in the
   *     two
   */
  @Override
  String toString();
}
