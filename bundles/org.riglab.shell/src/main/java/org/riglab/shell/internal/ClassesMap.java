package org.riglab.shell.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.riglab.api.RigException;
import org.riglab.api.bench.ImportSpec.Outputs;
import org.riglab.api.data.ClassTable;
import org.riglab.base.FileContents;
import org.riglab.base.FileFailures;
import org.riglab.base.Names;

/**
 * A file that names the class of each output of a checkpoint: one line per output, in the
 * checkpoint's order. A line is the name of a class, its label, or {@code -} for none. Blank lines
 * and lines that start with {@code #} are skipped.
 */
final class ClassesMap {
  private static final String NONE = "-";
  private static final int MAX_BYTES = 1 << 16;

  private ClassesMap() {}

  /**
   * @param file see above
   * @param classes whose names are used; empty if lines are labels only
   * @return the label of each output, or {@link Outputs#NONE}
   * @throws RigException if the file cannot be read, a line is no class, or two are the same class
   */
  static List<Integer> read(Path file, Optional<ClassTable> classes) {
    return FileContents.read(file, () -> labels(file, classes));
  }

  private static List<Integer> labels(Path file, Optional<ClassTable> classes) {
    List<Integer> labels = new ArrayList<>();
    int number = 0;
    for (String line : text(file).lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int label = line.equals(NONE) ? Outputs.NONE : label(file, number, line, classes);
      if (label != Outputs.NONE && labels.contains(label)) {
        throw wrong(file, number, "class %s is there twice".formatted(Names.shown(line)));
      }
      labels.add(label);
    }
    if (labels.isEmpty()) {
      throw new RigException(
          "%s: the file contains no classes; expected one per line".formatted(file));
    }
    return labels;
  }

  private static int label(Path file, int number, String line, Optional<ClassTable> classes) {
    List<String> names =
        classes.stream()
            .flatMap(table -> table.entries().stream())
            .map(ClassTable.Entry::name)
            .toList();
    if (names.contains(line)) {
      return names.indexOf(line);
    }
    if (line.matches("[0-9]{1,3}")) {
      return Integer.parseInt(line);
    }
    throw wrong(
        file,
        number,
        names.isEmpty()
            ? "'%s' is not a label; names need --dataset".formatted(Names.shown(line))
            : "there is no class '%s'; there is %s"
                .formatted(Names.shown(line), String.join(", ", names)));
  }

  private static RigException wrong(Path file, int line, String what) {
    return new RigException("%s, line %d: %s".formatted(file, line, what));
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new RigException(
            "%s has %d bytes; a map of classes has at most %d"
                .formatted(file, Files.size(file), MAX_BYTES));
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "cannot read %s: %s".formatted(file, FileFailures.reason(e)),
          e);
    }
  }
}
