package org.riglab.runs.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.riglab.base.FileFailures;

/** What there is of disk and memory, asked of the system. */
final class Machine {
  private Machine() {}

  static long freeDisk(Path home) {
    try {
      return Files.getFileStore(home).getUsableSpace();
    } catch (IOException e) {
      throw FileFailures.reading(home, e);
    }
  }

  /** Bytes of the files under a folder; what vanishes meanwhile counts nothing. */
  static long size(Path folder) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.mapToLong(f -> f.toFile().isFile() ? f.toFile().length() : 0).sum();
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0;
    }
  }

  /** Bytes of a file; 0 if there is none. */
  static long bytes(Path file) {
    return file.toFile().length();
  }

  /** Memory that programs can still get, in bytes; empty if the system does not say. */
  static OptionalLong availableMemory() {
    return kibibytes(Path.of("/proc/meminfo"), "MemAvailable:");
  }

  /** Memory of this process, in bytes; empty if the system does not say. */
  static OptionalLong resident() {
    return kibibytes(Path.of("/proc/self/status"), "VmRSS:");
  }

  private static OptionalLong kibibytes(Path file, String label) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(label))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
          .findFirst();
    } catch (IOException | java.io.UncheckedIOException e) {
      return OptionalLong.empty();
    }
  }
}
