package org.riglab.spark.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** What is read. */
final class Input {
  private static final String SUFFIX = ".parquet";

  private Input() {}

  /**
   * @param input as typed
   * @return whether it is a Parquet file or a directory of such files; else it is a directory
   * @throws RigException NOT_FOUND if there is none, INVALID if it is another file
   */
  static boolean parquet(Path input) {
    if (!Files.exists(input)) {
      throw new RigException(RigException.Kind.NOT_FOUND, "there is no file or directory " + input);
    }
    if (!Files.isDirectory(input)) {
      if (!input.toString().endsWith(SUFFIX)) {
        throw new RigException(
            input + " is neither a directory of images nor a file whose name ends in " + SUFFIX);
      }
      return true;
    }
    try (Stream<Path> files = Files.list(input)) {
      return files.anyMatch(file -> file.toString().endsWith(SUFFIX));
    } catch (IOException e) {
      throw FileFailures.reading(input, e);
    }
  }
}
