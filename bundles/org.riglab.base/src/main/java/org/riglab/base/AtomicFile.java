package org.riglab.base;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.riglab.api.RigException;

/**
 * Replaces files in one step: a reader, or the next process after a crash, sees the old content or
 * the new one, never a part.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** The content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * @param out an empty file; not buffered
     * @throws IOException if writing fails
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file beside its place, forces it to the disk and moves it there. On failure the old
   * file, if any, stays as it was.
   *
   * @param file where to; missing directories are made
   * @param content what to write
   * @throws RigException if that fails, as {@link FileFailures#writing} has it; a {@link
   *     RigException} of the content passes through
   */
  public static void write(Path file, Content content) {
    write(file, content, false);
  }

  /**
   * Writes a text file in UTF-8, as {@link #write} does.
   *
   * @param file where to
   * @param text what to write
   */
  public static void writeText(Path file, String text) {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a text file in UTF-8 that only its owner can read, as {@link #write} does.
   *
   * @param file where to
   * @param text what to write
   */
  public static void writeSecret(Path file, String text) {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)), true);
  }

  private static void write(Path file, Content content, boolean secret) {
    Path target = file.toAbsolutePath();
    Path directory = target.getParent();
    // Not Files.createTempFile: its owner-only permissions would stay with every finished file.
    Path temporary = directory.resolve("." + target.getFileName() + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectories(directory);
      Files.createFile(temporary, attributes(temporary, secret));
      // Not a channel: an interrupt, which is how runs are stopped, would close it.
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        content.writeTo(out);
        out.getFD().sync();
      }
      move(temporary, target);
      sync(directory);
    } catch (IOException e) {
      throw FileFailures.writing(file, e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static FileAttribute<?>[] attributes(Path file, boolean secret) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return secret && posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Moves a file or directory within a file system in one step.
   *
   * @param from what
   * @param to where to; a file there is replaced
   * @throws IOException if that fails
   */
  public static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Forces a directory's entries to the disk where the system can do that.
   *
   * @param directory which
   */
  public static void sync(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no directories; the move itself is journalled there.
      return;
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The failure that led here is the one to report; a stray temporary file does no harm.
      return;
    }
  }
}
