package org.riglab.report.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.riglab.api.RigException;

/** Files that are there completely or not at all. */
final class AtomicFile {
  private AtomicFile() {}

  /** Fills a file. */
  interface Content {
    /**
     * @param file does not exist yet
     * @throws IOException if it cannot be written
     */
    void write(Path file) throws IOException;
  }

  /**
   * Writes a file through a temporary one beside it; makes its directory if need be.
   *
   * @param file replaced if it exists
   * @param content what to write
   * @throws RigException if it cannot be written; the old file is left as it was
   */
  static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    // Not Files.createTempFile: its owner-only permissions would stay with the finished file.
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectories(target.getParent());
      try {
        content.write(temporary);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new RigException("cannot write " + file + ": " + reason(e), e);
    }
  }

  /**
   * @param e what went wrong with a file that the message names already
   * @return why, on one line
   */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("").strip();
  }
}
