package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.images.ImageFiles;

/** The images of a prediction, and the files that are made for them. */
final class PredictInputs implements AutoCloseable {
  private static final String STANDARD_INPUT = "-";
  private static final String STANDARD_INPUT_NAME = "stdin";

  private final CommandSession session;
  private final List<Path> temporary = new ArrayList<>();

  PredictInputs(CommandSession session) {
    this.session = session;
  }

  /**
   * By name without suffix, or by the whole name where several have the same one but for the
   * suffix: two images of one name would overwrite each other's pictures.
   */
  Map<String, Path> files(List<Path> given) {
    List<Path> all = new ArrayList<>();
    for (Path path : given) {
      all.addAll(!isStandardInput(path) && Files.isDirectory(path) ? inside(path) : List.of(path));
    }
    Map<String, Long> stems =
        all.stream().collect(Collectors.groupingBy(PredictInputs::stem, Collectors.counting()));
    Map<String, Path> files = new LinkedHashMap<>();
    for (Path file : all) {
      boolean input = isStandardInput(file);
      String name = stems.get(stem(file)) > 1 ? file.getFileName().toString() : stem(file);
      Path other = files.put(input ? STANDARD_INPUT_NAME : name, input ? standardInput() : file);
      if (other != null) {
        throw new RigException(
            other
                + " and "
                + file
                + " have the same name; predict one of them with another --output directory");
      }
    }
    return files;
  }

  private static boolean isStandardInput(Path path) {
    return String.valueOf(path.getFileName()).equals(STANDARD_INPUT) && !Files.exists(path);
  }

  private Path standardInput() {
    try {
      Path file = Files.createTempFile("riglab", "image");
      temporary.add(file);
      Files.copy(session.getKeyboard(), file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot read standard input: " + e.getMessage(), e);
    }
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static List<Path> inside(Path directory) {
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
      throw FileFailures.reading(directory, e);
    }
  }

  @Override
  public void close() {
    for (Path file : temporary) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw FileFailures.writing(file, e);
      }
    }
  }
}
