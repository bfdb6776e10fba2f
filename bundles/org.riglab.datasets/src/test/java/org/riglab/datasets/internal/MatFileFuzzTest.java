package org.riglab.datasets.internal;

import java.io.IOException;
import org.junit.Test;
import org.riglab.base.Fuzzing;

/** MAT files. */
public class MatFileFuzzTest {
  /** Called by Jazzer, which gives the method its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    Fuzzing.read(bytes, file -> MatFile.variable(file, "S", header -> {}));
  }

  @Test
  public void whatWasFoundIsReadOrRefused() throws IOException {
    Fuzzing.repeat(MatFileFuzzTest.class, MatFileFuzzTest::fuzzerTestOneInput);
  }
}
