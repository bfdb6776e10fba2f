package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;

/** Text files. */
final class Output {
  private Output() {}

  /**
   * Writes a file through a temporary one beside it.
   *
   * @param file where to; its directory is made if need be
   * @param text what
   * @throws RigException if it cannot be written
   */
  static void write(Path file, String text) {
    Path directory = file.toAbsolutePath().getParent();
    try {
      Files.createDirectories(directory);
      // Not Files.createTempFile: its owner-only permissions would stay with the finished file.
      Path temporary = directory.resolve("." + file.getFileName() + "." + UUID.randomUUID());
      try {
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    }
  }
}
