package org.riglab.maven;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The sources of a module, as IDEs look for them beside its jar. */
final class SourcesJar {
  /** The same sources give the same bytes. */
  private static final LocalDateTime TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  private SourcesJar() {}

  /**
   * @param roots folders of sources; those that do not exist are left out
   * @param jar to write
   * @throws IOException if it cannot be written
   */
  static void write(List<Path> roots, Path jar) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (Path root : roots) {
        if (Files.isDirectory(root)) {
          write(root, out);
        }
      }
    }
  }

  private static void write(Path root, ZipOutputStream out) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      ZipEntry entry = new ZipEntry(root.relativize(file).toString().replace('\\', '/'));
      entry.setTimeLocal(TIME);
      out.putNextEntry(entry);
      Files.copy(file, out);
      out.closeEntry();
    }
  }
}
