package org.riglab.web.internal;

import static org.junit.Assert.assertFalse;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;

/** Uploads of jars. */
public class ArchiveFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(
        bytes,
        file -> {
          try {
            ArchiveCheck.check(file);
          } catch (Refusal e) {
            assertFalse(e.getMessage(), e.status() >= 500);
          }
        });
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(ArchiveFuzzTest.class, ArchiveFuzzTest::fuzzerTestOneInput);
  }
}
