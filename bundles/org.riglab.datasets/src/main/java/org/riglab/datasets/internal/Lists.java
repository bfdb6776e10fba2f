package org.riglab.datasets.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.riglab.api.RigException;
import org.riglab.base.FileContents;
import org.riglab.images.ImageFiles;

/**
 * Text files that list the images of a split, one per line, by id or by path. A line is a name as a
 * whole, blanks included, if there is such an image; or else a name and what follows after blanks:
 * a label map, or a number.
 */
final class Lists {
  private static final String MARK = "\ufeff";
  private static final Pattern COLUMNS =
      Pattern.compile("(?i)(.*?\\.(?:png|jpe?g|tiff?|bmp|gif|webp|mat)|\\S+)\\s+(.+)");

  private Lists() {}

  /**
   * How images are found.
   *
   * @param exact id of the image whose path a text is, as a whole
   * @param tail id of the image whose path is the longest tail of a text
   */
  record Names(Function<String, Optional<String>> exact, Function<String, Optional<String>> tail) {}

  /**
   * A line.
   *
   * @param number from 1 on
   * @param id of the image
   * @param label what follows the image's name; empty if nothing does
   */
  record Line(int number, String id, String label) {}

  /**
   * Reads a list.
   *
   * @param file the list
   * @param names finds the id of an image
   * @return the lines that are not blank, in order; an image that is not found has its name as id,
   *     for a check to find
   * @throws RigException if it cannot be read, is empty, or names an image twice
   */
  static List<Line> read(Path file, Names names) {
    return FileContents.read(file, () -> lines(file, names));
  }

  private static List<Line> lines(Path file, Names names) {
    List<Line> lines = new ArrayList<>();
    Map<String, Integer> numbers = new HashMap<>();
    int number = 0;
    for (String text : text(file).lines().toList()) {
      number++;
      if (text.isBlank()) {
        continue;
      }
      if (text.indexOf('\0') >= 0) {
        throw new RigException(
            "%s: line %d has a zero byte, expected one image per line".formatted(file, number));
      }
      Line line = line(number, text.strip(), names);
      Integer before = numbers.putIfAbsent(line.id(), number);
      if (before != null) {
        throw new RigException(
            "%s: %s is listed twice, in lines %d and %d"
                .formatted(file, line.id(), before, number));
      }
      lines.add(line);
    }
    if (lines.isEmpty()) {
      throw new RigException(file + ": lists no images");
    }
    return lines;
  }

  /**
   * Reads a list of names without looking for files.
   *
   * @param file the list
   * @return ids, in order
   * @throws RigException as {@link #read}
   */
  static List<String> ids(Path file) {
    return read(file, new Names(text -> Optional.empty(), text -> Optional.empty())).stream()
        .map(Line::id)
        .toList();
  }

  private static Line line(int number, String text, Names names) {
    Optional<String> whole = names.exact().apply(text);
    if (whole.isPresent()) {
      return new Line(number, whole.get(), "");
    }
    Matcher columns = COLUMNS.matcher(text);
    if (columns.matches()) {
      String name = columns.group(1);
      String rest = columns.group(2).strip();
      Optional<String> found = names.exact().apply(name).or(() -> names.tail().apply(name));
      if (found.isPresent()) {
        return new Line(number, found.get(), rest);
      }
    }
    Optional<String> elsewhere = names.tail().apply(text);
    if (elsewhere.isPresent() || !columns.matches()) {
      return new Line(number, elsewhere.orElseGet(() -> stem(name(text))), "");
    }
    return new Line(number, stem(name(columns.group(1))), columns.group(2).strip());
  }

  private static String name(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  private static String text(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RigException(RigException.Kind.NOT_FOUND, file + ": no such file", e);
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    Charset charset = StandardCharsets.UTF_8;
    if (bytes.length > 1 && (bytes[0] & bytes[1] & 0xfe) == 0xfe && bytes[0] != bytes[1]) {
      charset = StandardCharsets.UTF_16; // only with its byte order mark
    }
    try {
      String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new RigException(
          file + ": not a text file in UTF-8, expected one image per line; save it as UTF-8", e);
    }
  }

  /**
   * @param path of a file, with slashes
   * @return the path without the ending of an image or label file; other dots belong to the name
   */
  static String stem(String path) {
    boolean matrix = path.toLowerCase(Locale.ROOT).endsWith(".mat") && path.length() > 4;
    return ImageFiles.named(path) || matrix ? path.substring(0, path.lastIndexOf('.')) : path;
  }
}
