package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.service.command.CommandSession;
import org.riglab.api.RigException;
import org.riglab.base.FileFailures;
import org.riglab.images.ImageFolder;

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
      all.addAll(
          !isStandardInput(path) && Files.isDirectory(path)
              ? ImageFolder.files(path)
              : List.of(path));
    }
    Map<String, Path> files = new LinkedHashMap<>();
    ImageFolder.byName(all)
        .forEach(
            (name, file) -> {
              boolean input = isStandardInput(file);
              files.put(input ? STANDARD_INPUT_NAME : name, input ? standardInput() : file);
            });
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
