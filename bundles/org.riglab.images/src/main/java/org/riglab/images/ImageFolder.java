package org.riglab.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.api.RigException;

/** The image files of a directory, and the names of the files that are made of them. */
public final class ImageFolder {
  private ImageFolder() {}

  /**
   * @param directory is read, those in it are not
   * @return its image files, hidden ones left out, in the order of their names
   * @throws RigException NOT_FOUND if there is none, IO if the directory cannot be read
   */
  public static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> images =
          files
              .filter(
                  file -> {
                    String name = file.getFileName().toString();
                    return !name.startsWith(".") && ImageFiles.named(name);
                  })
              .sorted()
              .toList();
      if (images.isEmpty()) {
        throw new RigException(
            RigException.Kind.NOT_FOUND,
            "there is no PNG, JPEG, TIFF, BMP, GIF or WebP file in " + directory);
      }
      return images;
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot read %s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /**
   * Names images without their suffixes, or by their whole names where several have the same one
   * but for the suffix: two images of one name would overwrite each other's results.
   *
   * @param images files
   * @return the files by name, in the same order
   * @throws RigException INVALID if two files have the same whole name
   */
  public static Map<String, Path> byName(List<Path> images) {
    Map<String, Long> stems =
        images.stream().collect(Collectors.groupingBy(ImageFolder::stem, Collectors.counting()));
    Map<String, Path> named = new LinkedHashMap<>();
    for (Path file : images) {
      String stem = stem(file);
      String name = stems.get(stem) > 1 ? String.valueOf(file.getFileName()) : stem;
      Path other = named.put(name, file);
      if (other != null) {
        throw new RigException(
            other
                + " and "
                + file
                + " have the same name; predict one of them with another --output directory");
      }
    }
    return named;
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /**
   * @param directory as for {@link #files}
   * @return its image files by name
   * @throws RigException as {@link #files}
   */
  public static Map<String, Path> named(Path directory) {
    return byName(files(directory));
  }
}
