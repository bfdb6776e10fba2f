package org.riglab.base;

import static org.junit.Assert.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Test;
import org.riglab.api.RigException;

/**
 * JSON texts are fed with any bytes: nothing but a {@link RigException} may come of it. Jazzer
 * makes them up, see docs/CONTRIBUTING.md; the test repeats those that were kept.
 */
public class JsonFuzzTest {
  private static final Path KEPT = Path.of("src/test/resources/org/riglab/base/fuzz/Json");

  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("fuzz", ".bin");
    try {
      Files.write(file, bytes);
      read(file);
    } finally {
      Files.delete(file);
    }
  }

  private interface Reading {
    void read() throws IOException;
  }

  private static void attempt(Reading reading) throws IOException {
    try {
      reading.read();
    } catch (RigException e) {
      assertFalse("a failure without a message", e.getMessage().isBlank());
    }
  }

  private static void read(Path file) throws IOException {
    attempt(() -> Json.line(Json.read(file)));
    attempt(() -> Json.parseArray(Files.readString(file, StandardCharsets.ISO_8859_1), "it"));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    List<Path> files;
    try (Stream<Path> kept = Files.list(KEPT)) {
      files = kept.sorted().toList();
    }
    assertFalse(files.isEmpty());
    for (Path file : files) {
      try {
        fuzzerTestOneInput(Files.readAllBytes(file));
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(file.toString(), e);
      }
    }
  }
}
