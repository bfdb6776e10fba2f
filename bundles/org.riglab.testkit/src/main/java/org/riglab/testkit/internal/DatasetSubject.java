package org.riglab.testkit.internal;

import java.nio.file.Path;
import java.util.Optional;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;

/**
 * A data set that is checked.
 *
 * @param part the data set
 * @param directory where its files are; empty if it needs none, or there are none at hand
 */
public record DatasetSubject(Subject<Dataset> part, Optional<Path> directory) {
  Images open() {
    return open(directory);
  }

  Images open(Optional<Path> from) {
    return part.provider().open(from, part.options());
  }
}
