package org.riglab.templates.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes a folder completely, or leaves it as it was. Needs nothing but Java. */
final class ProjectFolder {
  private ProjectFolder() {}

  /**
   * @param directory must not exist, or be empty
   * @param files what is in each file
   * @throws IllegalArgumentException if the directory is there and not empty
   * @throws IOException if it cannot be written
   */
  static void write(Path directory, Map<Path, String> files) throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    boolean there = Files.exists(target);
    if (there && !Files.isDirectory(target)) {
      throw new IllegalArgumentException(directory + " is a file; a project needs a folder");
    }
    if (there && !entries(target).isEmpty()) {
      throw new IllegalArgumentException(
          directory + " is not empty; a project needs a folder of its own");
    }
    Path parent = target.getParent() == null ? target : target.getParent();
    Files.createDirectories(parent);
    Path made = Files.createTempDirectory(there ? target : parent, ".new-");
    try {
      Path content = Files.createDirectory(made.resolve("project"));
      for (Map.Entry<Path, String> file : files.entrySet()) {
        Path path = content.resolve(file.getKey().toString());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
      if (there) {
        fill(target, content);
      } else {
        Files.move(content, target);
      }
    } finally {
      delete(made);
    }
  }

  private static void fill(Path target, Path content) throws IOException {
    List<Path> moved = new ArrayList<>();
    try {
      for (Path entry : entries(content)) {
        moved.add(Files.move(entry, target.resolve(entry.getFileName())));
      }
    } catch (IOException e) {
      for (Path entry : moved) {
        delete(entry);
      }
      throw e;
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /**
   * What the archetype calls.
   *
   * @param args the folder, then what {@link ProjectSources} is made of, in order
   * @throws IOException if the folder cannot be written
   */
  public static void main(String[] args) throws IOException {
    write(
        Path.of(args[0]),
        new ProjectSources(args[1], args[2], args[3], args[4], args[5], args[6], List.of())
            .files());
  }
}
