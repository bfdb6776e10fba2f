package org.riglab.base;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.riglab.api.RigException;

/** Turns failures of the file system into {@link RigException}s with a kind and one plain line. */
public final class FileFailures {
  /** A file system with less free space than this is full, in bytes. */
  private static final long FULL = 1 << 20;

  private FileFailures() {}

  /**
   * @param file that was to be read
   * @param e what happened
   * @return the failure: NOT_FOUND, INVALID for text that is not UTF-8, else IO
   */
  public static RigException reading(Path file, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new RigException(RigException.Kind.NOT_FOUND, "there is no file " + file, e);
    }
    if (e instanceof CharacterCodingException) {
      return new RigException(RigException.Kind.INVALID, file + " is not UTF-8 text", e);
    }
    return new RigException(RigException.Kind.IO, "cannot read " + file + ": " + reason(e), e);
  }

  /**
   * @param file that was to be written
   * @param e what happened
   * @return the failure: NO_SPACE if the file system is full, CONFLICT if the file exists and must
   *     not be replaced, else IO
   */
  public static RigException writing(Path file, IOException e) {
    RigException.Kind kind =
        e instanceof FileAlreadyExistsException
            ? RigException.Kind.CONFLICT
            : full(file) ? RigException.Kind.NO_SPACE : RigException.Kind.IO;
    return new RigException(kind, "cannot write " + file + ": " + reason(e), e);
  }

  /**
   * @param e a failure with a file that the message names already
   * @return why, on one line
   */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("").strip();
  }

  /** Java does not pass on the error number, and its text depends on the locale. */
  private static boolean full(Path file) {
    Path existing = file.toAbsolutePath();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      return existing != null && Files.getFileStore(existing).getUsableSpace() < FULL;
    } catch (IOException e) {
      // Not known to be full.
      return false;
    }
  }
}
