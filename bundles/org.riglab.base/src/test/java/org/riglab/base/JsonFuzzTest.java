package org.riglab.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.Test;

/** JSON texts. */
public class JsonFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(
        bytes,
        file -> Json.line(Json.read(file)),
        file -> Json.parseArray(Files.readString(file, StandardCharsets.ISO_8859_1), "it"));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(JsonFuzzTest.class, JsonFuzzTest::fuzzerTestOneInput);
  }
}
