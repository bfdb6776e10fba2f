package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.riglab.api.RigException;

/** Uploaded files, limited in number and size, and deleted after use. */
final class Uploads {
  /** How many at a time. */
  static final int MOST = 2;

  private final Path directory;
  private final Semaphore free = new Semaphore(MOST);

  /**
   * @param directory where they lie meanwhile; made if need be
   */
  Uploads(Path directory) {
    this.directory = directory;
  }

  /**
   * Stores the body in a temporary file.
   *
   * @param types that it may have
   * @param use reads the file
   * @return what came of it
   * @throws Refusal 4xx if it is of another type, or there are too many
   */
  <T> T with(Call call, List<String> types, Function<Path, T> use) throws IOException {
    String type = String.valueOf(call.request().getContentType()).split(";", 2)[0].strip();
    if (!types.contains(type.toLowerCase(Locale.ROOT))) {
      throw new Refusal(415, "the body's Content-Type is not " + String.join(" or ", types));
    }
    if (!free.tryAcquire()) {
      throw new Refusal(
          429,
          "other uploads are being taken; try again in a moment",
          Map.of("Retry-After", "2", "Connection", "close"));
    }
    Path file = null;
    try {
      byte[] bytes = call.bytes();
      Files.createDirectories(directory);
      file = Files.createTempFile(directory, "upload", "");
      Files.write(file, bytes);
      return use.apply(file);
    } catch (RigException e) {
      throw Refusal.of(e, e.getMessage().replace(String.valueOf(file), "the upload"));
    } finally {
      free.release();
      if (file != null) {
        Files.deleteIfExists(file);
      }
    }
  }
}
