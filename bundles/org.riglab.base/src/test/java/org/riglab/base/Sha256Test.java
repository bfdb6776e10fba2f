package org.riglab.base;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Against the examples of FIPS 180-2. */
public class Sha256Test {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void texts() {
    assertEquals(ABC, Sha256.of("abc"));
    assertEquals(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Sha256.of(new byte[0]));
  }

  @Test
  public void filesAndStreams() throws Exception {
    Path file = folder.newFile().toPath();
    Files.writeString(file, "abc");
    assertEquals(ABC, Sha256.of(file));
    byte[] bytes = "abc".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    assertEquals(ABC, Sha256.copy(new ByteArrayInputStream(bytes), copy));
    assertArrayEquals(bytes, copy.toByteArray());
  }
}
