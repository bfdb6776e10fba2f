package org.riglab.spark.job;

import java.io.ByteArrayInputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.RgbImage;
import org.riglab.images.ImageFiles;
import org.riglab.images.Pixels;

/**
 * An image of the input.
 *
 * @param name of its results
 * @param file where it is; null for an image of a table
 * @param bytes of the file, for an image of a table
 */
@SuppressWarnings("ArrayRecordComponent") // a file's content: never compared
record Item(String name, String file, byte[] bytes) implements Serializable {
  /**
   * @param upright whether it is turned as its EXIF orientation says
   * @return its pixels
   * @throws RigException if they cannot be read
   */
  RgbImage read(boolean upright) {
    if (file == null && bytes == null) {
      throw new RigException("the row has no image");
    }
    Pixels pixels =
        file == null
            ? ImageFiles.rgb(new ByteArrayInputStream(bytes), name, upright)
            : ImageFiles.rgb(Path.of(file), upright);
    return new RgbImage(pixels.height(), pixels.width(), pixels.values());
  }

  /**
   * @param id of an image of a table: a name or a path
   * @return the name of its results: a relative path without the suffix of an image, or the last
   *     name of an absolute path or URL
   */
  static String name(String id) {
    String path = Optional.ofNullable(id).orElse("").replace('\\', '/');
    boolean absolute = path.startsWith("/") || path.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*");
    return ImageFiles.stem(absolute ? path.substring(path.lastIndexOf('/') + 1) : path);
  }
}
