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
   * Refuses, before the work whose result a file gets, a file that could not be written.
   *
   * @param option that names it
   * @param file where to
   */
  static void checkFile(String option, Path file) {
    if (Files.isDirectory(file)) {
      throw Usage.wrong(option + " " + file + ": this is a directory; it must be a file");
    }
    checkParents(option, file, file.toAbsolutePath().getParent());
  }

  /**
   * Refuses a directory that could not be made or written to.
   *
   * @param option that names it
   * @param directory where to
   */
  static void checkDirectory(String option, Path directory) {
    checkParents(option, directory, directory.toAbsolutePath());
  }

  private static void checkParents(String option, Path given, Path directory) {
    Path existing = directory;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing != null && !Files.isDirectory(existing)) {
      throw Usage.wrong(option + " " + given + ": " + existing + " is a file, not a directory");
    }
    if (existing != null && !Files.isWritable(existing)) {
      throw Usage.wrong(option + " " + given + ": no permission to write to " + existing);
    }
  }

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
