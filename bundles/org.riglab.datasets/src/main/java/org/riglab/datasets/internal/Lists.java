package org.riglab.datasets.internal;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.riglab.api.RigException;

/** Text files that list the images of a split. */
final class Lists {
  // Other dots belong to the name
  private static final Pattern ENDING =
      Pattern.compile("(?<=.)\\.(png|jpg|jpeg|mat)$", Pattern.CASE_INSENSITIVE);

  private Lists() {}

  /**
   * Reads a list of images: one per line, by id or by path; what follows after a space is another
   * file's business.
   *
   * @param file the list
   * @return ids, in order: file names without directories and endings
   * @throws RigException if it cannot be read, is empty, or names an image twice
   */
  static List<String> ids(Path file) {
    Map<String, Integer> lines = new LinkedHashMap<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String id = stem(line.strip().split("\\s+")[0]);
      Integer before = lines.putIfAbsent(id, number);
      if (before != null) {
        throw new RigException(
            "%s: %s is listed twice, in lines %d and %d".formatted(file, id, before, number));
      }
    }
    if (lines.isEmpty()) {
      throw new RigException(file + ": lists no images");
    }
    return new ArrayList<>(lines.keySet());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new RigException(file + ": no such file", e);
    } catch (MalformedInputException e) {
      throw new RigException(file + ": not a text file, expected one image per line", e);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * @param path of a file, with slashes
   * @return the file's name without the ending of an image or label file
   */
  static String stem(String path) {
    return ENDING.matcher(path.substring(path.lastIndexOf('/') + 1)).replaceFirst("");
  }
}
