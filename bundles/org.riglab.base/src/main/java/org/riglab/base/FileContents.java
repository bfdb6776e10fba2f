package org.riglab.base;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.riglab.api.RigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files whose names come from users. What is wrong with such a file is said with what it contains.
 * In the processes of a server that goes to the log only: who sees the error of a request or of a
 * run may be somebody who must not read the file.
 */
public final class FileContents {
  /** System property of the processes of a server: true. */
  public static final String PROPERTY = "riglab.server";

  private static final Logger LOG = LoggerFactory.getLogger(FileContents.class);

  private FileContents() {}

  /**
   * @param file that a user has named
   * @param reading reads it and checks what it contains
   * @param <T> what it contains
   * @return what is read
   * @throws RigException as {@code reading} throws it; in a server one of kind INVALID names the
   *     file and nothing of its contents
   */
  public static <T> T read(Path file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (RigException e) {
      if (e.kind() != RigException.Kind.INVALID || !Boolean.getBoolean(PROPERTY)) {
        throw e;
      }
      LOG.info("{} cannot be used", file, e);
      throw new RigException(
          file + " does not contain what is expected; the server's log says what is wrong");
    }
  }
}
