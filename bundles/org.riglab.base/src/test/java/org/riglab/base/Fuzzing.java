package org.riglab.base;

import static org.junit.Assert.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.riglab.api.RigException;

/**
 * What the fuzz tests of all bundles have in common: a parser gets any bytes and reads them, or
 * throws a {@link RigException}. Jazzer makes the bytes, see docs/CONTRIBUTING.md; the tests repeat
 * those that were kept.
 */
public final class Fuzzing {
  private Fuzzing() {}

  /** A parser of files. */
  @FunctionalInterface
  public interface Parser {
    /**
     * @param file contains any bytes
     */
    void read(Path file) throws IOException;
  }

  /** What Jazzer calls. */
  @FunctionalInterface
  public interface Target {
    /**
     * @param bytes any
     */
    void accept(byte[] bytes) throws IOException;
  }

  /**
   * Writes bytes to a file and reads it with each of the parsers.
   *
   * @param bytes any
   * @param parsers may throw a {@link RigException} with a message
   */
  public static void read(byte[] bytes, Parser... parsers) throws IOException {
    Path file = Files.createTempFile("fuzz", ".bin");
    try {
      Files.write(file, bytes);
      for (Parser parser : parsers) {
        try {
          parser.read(file);
        } catch (RigException e) {
          assertFalse("a failure without a message", e.getMessage().isBlank());
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  /**
   * Repeats the inputs that were kept.
   *
   * @param test the class of the test {@code XFuzzTest}: its inputs are in the folder {@code
   *     fuzz/X} of its package's resources
   * @param target reads one of them
   */
  public static void repeat(Class<?> test, Target target) throws IOException {
    Path kept =
        Path.of(
            "src/test/resources",
            test.getPackageName().replace('.', '/'),
            "fuzz",
            test.getSimpleName().replace("FuzzTest", ""));
    List<Path> files;
    try (Stream<Path> listed = Files.list(kept)) {
      files = listed.sorted().toList();
    }
    assertFalse(kept + " is empty", files.isEmpty());
    for (Path file : files) {
      try {
        target.accept(Files.readAllBytes(file));
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(file.toString(), e);
      }
    }
  }
}
